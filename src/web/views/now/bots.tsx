import { useAnswer } from "../../answer.ts";
import type { StatusData } from "../../../contract/wire/system.ts";
import { useLive, useTurn } from "../../live/use-live.ts";
import { Empty, Loading } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { useViewer } from "../../words/viewer.ts";

/** Every bot that is or was known. */
export function BotsCard() {
  const { words } = useViewer();
  const turn = useTurn(10_000);
  const told = useLive(({ status }) => status);
  // The stream tells a change at once; `lastSeen` is only asked for.
  const { data } = useAnswer<StatusData>("/api/system/status", `${turn} ${told?.bot.connected} ${told?.bots.length}`);
  const bots = data?.bots ?? told?.bots;
  return (
    <section class="card" aria-label={words.now.bots} data-card="bots">
      <div class="card-head">
        <h2>{words.now.bots}</h2>
      </div>
      {!bots && <Loading rows={1} />}
      {bots?.length === 0 && <Empty>{words.now.noBots}</Empty>}
      <ul class="list">
        {bots?.map(({ uin, platform, connected, version, lastSeen }) => (
          <li key={uin}>
            <span class={`state state-${connected ? "good" : "off"}`}>
              {connected ? words.now.connected : words.now.away}
            </span>
            <span class="list-name">
              {uin}
              <span class="small soft">{[platform, version].filter(Boolean).join(" · ")}</span>
            </span>
            <span class="small soft list-end">
              <Ago at={lastSeen} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
