import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useSystemTheme } from "../parts/theme.ts";
import { readColors } from "./colors.ts";
import { barOptions, type BarLook } from "./options.ts";

export interface BarsProps extends BarLook {
  /** Epoch s, ascending, equally far apart: where each bar begins, or its middle for days. */
  times: readonly number[];
  values: readonly number[];
  /** The style sheet's name of the colour. */
  color: string;
  /** What the picture says, for who does not see it. */
  label: string;
  height: number;
}

/** A chart of bars. Its look is made once; new values only redraw it. */
export function Bars(props: BarsProps) {
  const { times, values, color, label, height } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const newest = useRef(props);
  newest.current = props;
  const system = useSystemTheme();

  useLayoutEffect(() => {
    const within = box.current;
    if (!within) return undefined;
    const look = () => newest.current;
    const options = barOptions(look, readColors(within, color), { width: within.clientWidth, height });
    const made = new uPlot(options, dataOf(newest.current), within);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: within.clientWidth, height }));
    watch.observe(within);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [color, height, system]);
  useEffect(() => chart.current?.setData(dataOf(newest.current)), [times, values, props.gaps]);

  return <div class="chart" ref={box} role="img" aria-label={label} style={{ blockSize: `${height}px` }} />;
}

function dataOf({ times, values }: BarsProps): uPlot.AlignedData {
  return [times as number[], values as number[]];
}
