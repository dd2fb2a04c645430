import type { TraceSpan } from "../../../contract/wire/traces.ts";
import { Json } from "../../parts/json.tsx";
import { useViewer } from "../../words/viewer.ts";
import { isQuiet } from "./tree.ts";

/** All that is known of one step. */
export function StepDetails({ span }: { span: TraceSpan }) {
  const { words, format } = useViewer();
  const facts: [string, string | null][] = [
    [words.trace.offset, format.duration(span.start)],
    [words.trace.duration, span.kind === "log" ? null : format.duration(span.duration)],
    [words.trace.model, span.model],
    [words.trace.channel, span.channel],
    [words.trace.provider, span.provider],
    [words.trace.tool, span.tool],
    [words.trace.tokens, span.tokens === null || span.kind !== "request" ? null : format.count(span.tokens)],
  ];
  const hasAttributes = Object.keys(span.attributes).length > 0;
  return (
    <>
      <dl class="wf-facts small">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {span.error && <p class="wf-error small">{span.error}</p>}
      {isQuiet(span) && <p class="soft small">{words.trace.notCounted}</p>}
      {hasAttributes && <Json value={span.attributes} />}
    </>
  );
}
