import { useAnswer, query } from "../../answer.ts";
import { PERIOD_NAMES, type PeriodName } from "./period.ts";
import type { GroupsData, StatsData } from "../../../contract/wire/stats.ts";
import { useTurn } from "../../live/use-live.ts";
import { Connect } from "../../parts/connect.tsx";
import { Segments } from "../../parts/segments.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { setParams } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { DailyCharts } from "./daily-charts.tsx";
import { GroupChoice } from "./group-choice.tsx";
import { RankingTables } from "./ranking-tables.tsx";
import { Totals } from "./totals.tsx";
import { UseTables } from "./use-tables.tsx";

/** How it did: a period and a group, both in the address. */
export function StatsView({ params }: { params: Readonly<Record<string, string>> }) {
  const { words } = useViewer();
  const period: PeriodName = PERIOD_NAMES.find((name) => name === params["period"]) ?? "week";
  const { groupId } = params;
  const turn = useTurn(4000);
  const slowly = useTurn(10_000);
  const stats = useAnswer<StatsData>(query("/api/stats", { period, groupId }), turn);
  const ever = useAnswer<StatsData>(query("/api/stats", { period: "all", groupId }), slowly);
  const groups = useAnswer<GroupsData>("/api/stats/groups?limit=1000");
  const selection = { period, groupId, turn: slowly };
  const nothing = !groupId && ever.data?.daily.length === 0;

  return (
    <div class="stack">
      <div class="head">
        <h1>{words.stats.title}</h1>
        <div class="filters">
          <GroupChoice
            groups={groups.data?.groups ?? []}
            value={groupId}
            onChange={(chosen) => setParams({ groupId: chosen })}
          />
          <Segments
            name="period"
            label={words.stats.period}
            options={PERIOD_NAMES.map((name) => [name, words.stats.periods[name]] as const)}
            value={period}
            onChange={(chosen) => setParams({ period: chosen })}
          />
        </div>
      </div>
      {nothing && <Connect />}
      {stats.error && <Failed error={stats.error} />}
      {!stats.data && !stats.error && <Loading rows={5} />}
      {stats.data && (
        <div class="stack" aria-busy={stats.loading} data-period={stats.loading ? undefined : period}>
          <Totals summary={stats.data.summary} ever={ever.data?.daily} period={period} />
          <DailyCharts
            daily={period === "day" ? (ever.data?.daily.slice(-14) ?? []) : stats.data.daily}
            period={period}
          />
        </div>
      )}
      <UseTables {...selection} />
      <RankingTables {...selection} />
      <p class="soft small">{words.stats.zone}</p>
    </div>
  );
}
