import { useAnswer } from "../../answer.ts";
import type { ChannelRow, ChannelsData } from "../../../contract/wire/stats.ts";
import { useLive, useTurn } from "../../live/use-live.ts";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { useViewer } from "../../words/viewer.ts";

/** The channels and how they are; a change of state comes by the stream. */
export function ChannelsCard() {
  const { words } = useViewer();
  const turn = useTurn(4000);
  const changed = useLive(({ channels }) => channels);
  const { data, error } = useAnswer<ChannelsData>("/api/stats/channels", `${turn} ${changed.size}`);
  return (
    <section class="card" aria-label={words.now.channels} data-card="channels">
      <div class="card-head">
        <h2>{words.now.channels}</h2>
      </div>
      {!data && (error ? <Failed error={error} /> : <Loading />)}
      {data?.channels.length === 0 && <Empty />}
      {data && <ChannelList rows={data.channels} />}
    </section>
  );
}

const KINDS = { active: "good", error: "bad", disabled: "off" } as const;

function ChannelList({ rows }: { rows: readonly ChannelRow[] }) {
  const { words, format } = useViewer();
  const live = useLive(({ channels }) => channels);
  return (
    <ul class="list">
      {rows.map((row) => {
        const status = live.get(row.id)?.status ?? row.status;
        return (
          <li key={row.id} data-channel={row.id}>
            <span class={`state state-${KINDS[status]}`}>{words.now.channelStatus[status]}</span>
            <span class="list-name">
              {row.name}
              <span class="small soft">
                {row.lastUsed === null ? (
                  words.now.never
                ) : (
                  <>
                    {words.now.lastUsed} <Ago at={row.lastUsed} />
                  </>
                )}
              </span>
            </span>
            <span class="list-numbers small">
              <span>
                {format.count(row.requests)} <span class="soft">{words.counts.requests}</span>
              </span>
              <span>
                {format.count(row.errors)} <span class="soft">{words.counts.errors}</span>
              </span>
              <span>{format.duration(row.avgLatency)}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
