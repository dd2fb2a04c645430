import { useMemo, useState } from "preact/hooks";
import { Bars } from "../../charts/bars.tsx";
import { type Count, type Gap, type Point, type Steps, steps } from "../../live/points.ts";
import { useLive, useNow } from "../../live/use-live.ts";
import { useViewer } from "../../words/viewer.ts";

/** Time shown: so many steps of so many seconds. */
export const SPANS = {
  short: { width: 2, count: 60 },
  middle: { width: 10, count: 60 },
  long: { width: 60, count: 60 },
} as const;
export type SpanName = keyof typeof SPANS;

const SHOWN = ["messages", "responses", "tokens", "errors"] as const satisfies readonly Count[];
/** The headline is the mean of the last so many seconds. */
const HEADLINE_S = 10;

/** Messages, replies, tokens and errors per second, from the live events. */
export function LiveCharts({ span }: { span: SpanName }) {
  const { points, gaps, beats, ahead, link } = useLive((state) => state);
  const clock = useNow(1000);
  const now = Math.floor((clock + ahead) / 1000);
  const { width, count } = SPANS[span];
  // `points` is the same list at each beat, with more in it.
  const summed = useMemo(() => steps(points, { now, width, count }), [points, beats, now, width, count]);
  return (
    <div class={`grid-2 charts live-${link}`}>
      {SHOWN.map((name) => (
        <LiveChart key={name} name={name} summed={summed} width={width} rate={rateOf(points, name, now)} gaps={gaps} />
      ))}
    </div>
  );
}

function rateOf(points: readonly Point[], name: Count, now: number): number {
  let sum = 0;
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const point = points[i] as Point;
    if (point.at <= now - HEADLINE_S) break;
    sum += point[name];
  }
  return sum / HEADLINE_S;
}

interface LiveChartProps {
  name: Count;
  summed: Steps;
  width: number;
  rate: number;
  gaps: readonly Gap[];
}

function LiveChart({ name, summed, width, rate, gaps }: LiveChartProps) {
  const { words, format } = useViewer();
  const [hover, setHover] = useState<number>();
  const { times, sums } = summed;
  const values = useMemo(() => sums[name].map((sum) => sum / width), [sums, width]);
  const total = sums[name].reduce((all, sum) => all + sum, 0);
  const span = format.duration(times.length * width * 1000);
  const at = hover === undefined ? undefined : times[hover];
  return (
    <section class="card" data-chart={name} data-total={total} aria-label={words.counts[name]}>
      <div class="chart-head">
        <h2>{words.counts[name]}</h2>
        <span class="chart-value">
          <strong>{format.perSecond(at === undefined ? rate : (values[hover ?? 0] ?? 0))}</strong> {words.now.perSecond}
        </span>
        <span class="chart-note">
          {at === undefined ? words.now.inSpan(format.count(total), span) : format.clock(at * 1000)}
        </span>
      </div>
      <Bars
        times={times}
        values={values}
        width={width}
        begins
        gaps={gaps}
        color={name}
        height={132}
        together="live"
        label={words.now.chart(words.counts[name], format.count(total), span)}
        writeTime={(time) => format.clock(time * 1000)}
        writeValue={(value) => format.short(value)}
        onHover={setHover}
      />
    </section>
  );
}
