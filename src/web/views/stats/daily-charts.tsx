import { useMemo, useState } from "preact/hooks";
import type { DailyRow } from "../../../contract/wire/stats.ts";
import { Bars } from "../../charts/bars.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { useViewer } from "../../words/viewer.ts";
import type { DailyCount } from "./compare.ts";
import type { PeriodName } from "./period.ts";

const COUNTS = ["messages", "responses", "toolCalls", "tokens"] as const satisfies readonly DailyCount[];
const DAY_S = 86_400;

/** Each day's counts: four charts with one cursor, and the same as a table. */
export function DailyCharts({ daily, period }: { daily: readonly DailyRow[]; period: PeriodName }) {
  const { words, format } = useViewer();
  const [hover, setHover] = useState<number>();
  if (daily.length === 0) return null;
  const title = period === "day" ? words.stats.dailyContext : words.stats.daily;
  const day = hover === undefined ? undefined : daily[hover];
  return (
    <section class="card" aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        <span class="soft small">{day ? format.day(day.date) : ""}</span>
      </div>
      <div class="grid-2 daily">
        {COUNTS.map((count) => (
          <DailyChart key={count} count={count} daily={daily} hovered={day} onHover={setHover} />
        ))}
      </div>
      <details class="as-table">
        <summary>{words.stats.dailyTable}</summary>
        <DailyTable daily={daily} period={period} />
      </details>
    </section>
  );
}

interface DailyChartProps {
  count: DailyCount;
  daily: readonly DailyRow[];
  hovered?: DailyRow;
  onHover: (place: number | undefined) => void;
}

function DailyChart({ count, daily, hovered, onHover }: DailyChartProps) {
  const { words, format } = useViewer();
  const times = useMemo(() => daily.map(({ date }) => Date.parse(date) / 1000), [daily]);
  const values = useMemo(() => daily.map((row) => row[count]), [daily, count]);
  const dates = new Map(daily.map(({ date }, place) => [times[place], date]));
  return (
    <div data-daily={count}>
      <div class="chart-head">
        <h3>{words.counts[count]}</h3>
        <span class="chart-value">{hovered && <strong>{format.count(hovered[count])}</strong>}</span>
      </div>
      <Bars
        times={times}
        values={values}
        width={DAY_S}
        begins={false}
        color={count}
        height={124}
        together="daily"
        label={`${words.counts[count]}, ${words.stats.daily}: ${format.day(daily[0]?.date ?? "")} – ${format.day(daily.at(-1)?.date ?? "")}`}
        writeTime={(time) => format.shortDay(dates.get(time) ?? new Date(time * 1000).toISOString())}
        writeValue={(value) => format.short(value)}
        onHover={onHover}
      />
    </div>
  );
}

function DailyTable({ daily, period }: { daily: readonly DailyRow[]; period: PeriodName }) {
  const { words, format } = useViewer();
  return (
    <DataTable
      name={`daily-${period}`}
      title={words.stats.daily}
      rows={daily.toReversed()}
      sorted="date"
      rowKey={({ date }) => date}
      columns={[
        { key: "date", title: words.stats.date, value: ({ date }) => date, show: ({ date }) => format.day(date) },
        ...COUNTS.map((count) => ({ key: count, title: words.counts[count], value: (row: DailyRow) => row[count] })),
      ]}
    />
  );
}
