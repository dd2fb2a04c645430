import type { ComponentChildren } from "preact";
import { useAnswer } from "../../answer.ts";
import type { StatusData } from "../../../contract/wire/system.ts";
import { useLive, useNow } from "../../live/use-live.ts";
import { Time } from "../../parts/time.tsx";
import { useViewer } from "../../words/viewer.ts";

const KINDS = { starting: "info", running: "good", degraded: "bad", stopping: "warn" } as const;

/** What `/api/system/status` says, and what is under way. */
export function StatusTiles() {
  const { words, format } = useViewer();
  const live = useLive(({ status, metric, ahead, link, beatAt }) => ({ status, metric, ahead, link, beatAt }));
  const { metric, ahead, link } = live;
  // Also where no stream can be had.
  const asked = useAnswer<StatusData>(live.status ? undefined : "/api/system/status");
  const status = live.status ?? asked.data;
  const clock = useNow(1000);
  const cut = link === "cut";
  // Of what is not heard nothing is known: its time stands still.
  const now = (cut ? live.beatAt : clock) + ahead;
  if (!status) return <div class="tiles tiles-waiting" aria-busy="true" />;
  const memory = metric?.memory ?? status.memory;
  const up = Math.max(0, now - Date.parse(status.startTime));
  const { bot } = status;
  return (
    <dl class="tiles">
      <Tile name="status" title={`botel ${status.version} · Node ${status.nodejs}`}>
        <span class={`state state-${cut ? "off" : KINDS[status.status]}`}>
          {cut ? words.link.cut : words.now.status[status.status]}
        </span>
        <span class="more">
          {bot.uin === null
            ? words.connect.title
            : `${bot.platform ?? ""} ${bot.uin} · ${bot.connected ? words.now.connected : words.now.away}`}
        </span>
      </Tile>
      <Tile name="uptime" title={words.now.uptime}>
        {format.duration(Math.floor(up / 1000) * 1000)}
        <span class="more">
          {words.now.since} <Time at={status.startTime} />
        </span>
      </Tile>
      <Tile name="memory" title={words.now.memory}>
        {format.bytes(memory.used)}
        <span class="more">
          {format.percent(memory.percentage / 100)} {words.now.memoryOf(format.bytes(memory.total))}
        </span>
      </Tile>
      {metric?.inFlight !== null && (
        <Tile name="inFlight" title={words.now.inFlight} hint={words.now.inFlightHint}>
          {metric ? format.count(metric.inFlight) : "–"}
          <span class="more">{words.now.rightNow}</span>
        </Tile>
      )}
    </dl>
  );
}

function Tile(props: { name: string; title: string; hint?: string; children: ComponentChildren }) {
  return (
    <div class="tile" data-tile={props.name} title={props.hint}>
      <dt>{props.title}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
