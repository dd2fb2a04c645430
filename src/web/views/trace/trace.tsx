import { useAnswer, query } from "../../answer.ts";
import type { TraceData, TraceSpan } from "../../../contract/wire/traces.ts";
import { Download } from "../../parts/download.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { Waterfall } from "./waterfall.tsx";

/** One turn: a message and all that it caused. @param at time of the fact that led here */
export function TraceView({ traceId, at }: { traceId: string; at?: string }) {
  const { words } = useViewer();
  const { data, error } = useAnswer<TraceData>(query(`/api/traces/${encodeURIComponent(traceId)}`, { at }));
  return (
    <div class="stack">
      <div class="head">
        <div>
          <a class="small" href={href("logs")} onClick={goBack}>
            <Icon name="back" /> {words.trace.back}
          </a>
          <h1>{words.trace.title}</h1>
          <p class="soft small">
            {words.trace.intro} <code>{traceId}</code>
          </p>
        </div>
        {data && <Download name={`trace-${traceId}`} title={words.trace.title} rows={data.spans} />}
      </div>
      {!data && (error ? <Failed error={error} /> : <Loading rows={6} />)}
      {data && <TraceTotals data={data} />}
      {data?.truncated && <p class="soft small">{words.trace.truncated}</p>}
      {data && (
        <section class="card" aria-label={words.trace.waterfall}>
          <Waterfall data={data} />
        </section>
      )}
    </div>
  );
}

/** Back to the list as it was, where one came from one. */
function goBack(event: MouseEvent): void {
  if (history.length <= 1) return;
  event.preventDefault();
  history.back();
}

/** Failed calls, and error lines of what did not itself fail: a call and its line are one error. */
function failures(spans: readonly TraceSpan[]): number {
  const failed = spans.filter(({ status, kind }) => status === "error" && kind !== "span");
  const calls = new Set(failed.flatMap(({ kind, spanId }) => (kind === "log" ? [] : [spanId])));
  return failed.filter(({ kind, parentId }) => kind !== "log" || parentId === null || !calls.has(parentId)).length;
}

function TraceTotals({ data: { startTime, duration, spans } }: { data: TraceData }) {
  const { words, format } = useViewer();
  const counted = spans.filter((span) => span.kind === "request" && span.counted);
  const tokens = counted.reduce((sum, span) => sum + (span.tokens ?? 0), 0);
  const errors = failures(spans);
  const tiles = [
    ["start", <Time at={startTime} />],
    ["duration", format.duration(duration)],
    ["spans", format.count(spans.length)],
    ["tokens", format.count(tokens)],
    ["errors", format.count(errors)],
  ] as const;
  return (
    <dl class="tiles">
      {tiles.map(([name, value]) => (
        <div key={name} class="tile" data-tile={name}>
          <dt>{words.trace[name]}</dt>
          <dd class={name === "start" ? "tile-time" : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
