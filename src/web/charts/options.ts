import uPlot from "uplot";
import type { Gap } from "../live/points.ts";
import { ceilingOf } from "./ceiling.ts";
import type { Colors } from "./colors.ts";

/** How bars are shown; read anew at each drawing. */
export interface BarLook {
  /** s from one bar to the next. */
  width: number;
  /** True where a bar begins at its time, false where its time is its middle. */
  begins: boolean;
  writeTime: (time: number) => string;
  writeValue: (value: number) => string;
  /** Charts of one name share their cursor. */
  together: string;
  /** The bar under the cursor; undefined where none is. */
  onHover: (place: number | undefined) => void;
  gaps?: readonly Gap[];
}

const FONT = '11px -apple-system, "Segoe UI", Roboto, system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif';
/** CSS pixels that a label of the time axis needs. */
const LABEL_WIDTH = 60;

export function barOptions(
  look: () => BarLook,
  colors: Colors,
  size: { width: number; height: number },
): uPlot.Options {
  const paths = uPlot.paths.bars?.({ size: [0.78, 40], align: look().begins ? 1 : 0, radius: 0.18 });
  const axis = { stroke: colors.ink, font: FONT, ticks: { show: false } };
  return {
    ...size,
    padding: [8, look().begins ? 4 : 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false },
      sync: { key: look().together },
    },
    scales: {
      x: { time: false, range: (chart) => rangeOf(chart.data[0] as number[], look()) },
      y: { range: (chart) => [0, ceilingOf(valuesOf(chart))] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 2,
        grid: { show: false },
        splits: (chart) => labelled(chart.data[0] as number[], look(), chart.bbox.width / devicePixelRatio),
        values: (_, splits) => splits.map((time) => look().writeTime(time)),
      },
      {
        ...axis,
        size: (_, values) => 10 + Math.max(0, ...(values ?? []).map((text) => text.length)) * 6.4,
        gap: 4,
        space: 34,
        grid: { stroke: colors.line, width: 1 },
        values: (_, splits) => splits.map((value) => look().writeValue(value)),
      },
    ],
    series: [{}, { stroke: colors.bar, fill: colors.bar, width: 0, paths, points: { show: false } }],
    hooks: {
      draw: [(chart) => markCut(chart, look(), colors.card)],
      drawClear: [(chart) => shade(chart, look().gaps ?? [], colors.gap)],
      setCursor: [(chart) => look().onHover(chart.cursor.idx ?? undefined)],
    },
  };
}

function rangeOf(times: readonly number[], { begins, width }: BarLook): uPlot.Range.MinMax {
  const [first = 0, last = first] = [times[0], times.at(-1)];
  const before = begins ? 0 : width / 2;
  return [first - before, last + width - before];
}

/** Steps of a time axis, s: each a whole part of the next unit, or days. */
const STEPS = [10, 20, 30, 60, 120, 300, 600, 900];

/**
 * Times that get a label, so far apart that labels do not touch: round ones, which move with their bars; of days, every
 * so many, with the newest.
 */
function labelled(times: readonly number[], { width, begins }: BarLook, pixels: number): number[] {
  const [pixelsEach, newest] = [pixels / Math.max(1, times.length), times.length - 1];
  const apart = Math.ceil(LABEL_WIDTH / pixelsEach);
  if (!begins) return times.filter((_, place) => (newest - place) % apart === 0);
  const step = STEPS.find((each) => each >= apart * width) ?? apart * width;
  // Half a label must fit on both sides.
  const edge = Math.ceil(LABEL_WIDTH / 2 / pixelsEach);
  return times.filter((time, place) => time % step < width && place >= edge && newest - place >= edge);
}

function valuesOf(chart: uPlot): number[] {
  return chart.data[1] as number[];
}

/** Bars that go on above the axis get a slanted cut near their top. */
function markCut(chart: uPlot, { width, begins }: BarLook, color: string): void {
  const values = valuesOf(chart);
  const end = ceilingOf(values);
  const [unit, { top }, { ctx }] = [devicePixelRatio, chart.bbox, chart];
  ctx.fillStyle = color;
  for (const [place, value] of values.entries()) {
    if (value <= end) continue;
    const time = (chart.data[0][place] ?? 0) - (begins ? 0 : width / 2);
    const [left, right] = [time, time + width].map((at) => chart.valToPos(at, "x", true)) as [number, number];
    ctx.beginPath();
    ctx.moveTo(left, top + 12 * unit);
    ctx.lineTo(right, top + 7 * unit);
    ctx.lineTo(right, top + 10 * unit);
    ctx.lineTo(left, top + 15 * unit);
    ctx.fill();
  }
}

/** Marks stretches of which nothing is known. */
function shade(chart: uPlot, gaps: readonly Gap[], color: string): void {
  const { left, top, width, height } = chart.bbox;
  for (const { from, to } of gaps) {
    const [begin, end] = [from, to].map((time) => chart.valToPos(time, "x", true)) as [number, number];
    const [cutBegin, cutEnd] = [Math.max(begin, left), Math.min(end, left + width)];
    if (cutEnd <= cutBegin) continue;
    chart.ctx.fillStyle = color;
    chart.ctx.fillRect(cutBegin, top, cutEnd - cutBegin, height);
  }
}
