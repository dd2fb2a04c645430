import { useAnswer } from "../../answer.ts";
import type { ErrorsData } from "../../../contract/wire/logs.ts";
import { useTurn } from "../../live/use-live.ts";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { traceHref } from "../trace/href.ts";

/** The newest errors, asked for again at each `error` event. */
export function ErrorsCard() {
  const { words } = useViewer();
  const turn = useTurn(1500, "errors");
  const { data, error } = useAnswer<ErrorsData>("/api/logs/errors?limit=4", turn);
  return (
    <section class="card" aria-label={words.now.recentErrors} data-card="errors">
      <div class="card-head">
        <h2>{words.now.recentErrors}</h2>
        <a class="small" href={href("logs/errors")}>
          {words.now.allErrors}
        </a>
      </div>
      {!data && (error ? <Failed error={error} /> : <Loading />)}
      {data?.errors.length === 0 && <Empty>{words.now.noErrors}</Empty>}
      <ul class="list">
        {data?.errors.map(({ timestamp, error: sentence, context, traceId }, place) => (
          <li key={`${timestamp} ${place}`}>
            <span class="list-name">
              {traceId ? <a href={traceHref(traceId, timestamp)}>{sentence}</a> : sentence}
              <span class="small soft">{[context.channel, context.model].filter(Boolean).join(" · ")}</span>
            </span>
            <span class="small soft list-end">
              <Ago at={timestamp} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
