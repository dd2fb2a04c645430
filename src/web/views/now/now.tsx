import { useState } from "preact/hooks";
import { useAnswer } from "../../answer.ts";
import type { StatsData } from "../../../contract/wire/stats.ts";
import { useLive, useTurn } from "../../live/use-live.ts";
import { Connect } from "../../parts/connect.tsx";
import { Segments } from "../../parts/segments.tsx";
import { useViewer } from "../../words/viewer.ts";
import { BotsCard } from "./bots.tsx";
import { ChannelsCard } from "./channels.tsx";
import { ErrorsCard } from "./errors.tsx";
import { HealthCard } from "./health.tsx";
import { LiveCharts, SPANS, type SpanName } from "./live-charts.tsx";
import { StatusTiles } from "./status-tiles.tsx";
import { TodayCard } from "./today.tsx";

/** What the bot does now. */
export function NowView() {
  const { words, format } = useViewer();
  const [span, setSpan] = useState<SpanName>("short");
  const turn = useTurn(2500);
  const today = useAnswer<StatsData>("/api/stats?period=day", turn);
  const bots = useLive(({ status }) => status?.bots.length);
  const options = (Object.keys(SPANS) as SpanName[]).map(
    (name) => [name, format.duration(SPANS[name].width * SPANS[name].count * 1000)] as const,
  );
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.now.title}</h1>
        <Segments name="span" label={words.now.span} options={options} value={span} onChange={setSpan} />
      </div>
      {bots === 0 && <Connect />}
      <StatusTiles />
      <LiveCharts span={span} />
      <div class="grid-2">
        <ChannelsCard />
        <ErrorsCard />
      </div>
      <div class="grid-3">
        <TodayCard today={today} />
        <BotsCard />
        <HealthCard />
      </div>
    </div>
  );
}
