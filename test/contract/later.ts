/** Parts of sentences that no test can hold yet, by the issue that makes them true. A test that quotes one takes it out. */
export const LATER: readonly { issue: number; part: string }[] = [
  { issue: 5, part: "or of any program over OTLP" },
  {
    issue: 5,
    part: "A sender whose dialect or provider is known to leave them out of input or output has them added",
  },
  {
    issue: 5,
    part: "A log record's identity is a hash of all of it (resource, scope, times, severity, event name, body, attributes, trace, span) and its ordinal among equals in the same request",
  },
  { issue: 5, part: "(OTLP `partial_success`, with the number and the reason)" },
  {
    issue: 5,
    part: "Dialects: what other instrumentations write (older GenAI names, OpenLLMetry, OpenInference, the AI SDK, Langfuse) is mapped to the above in one table, tested against spans that their own code made",
  },
  { issue: 5, part: "(`platforms` is an extra)" },
  { issue: 5, part: "a fact acknowledged over OTLP" },
  { issue: 9, part: "(2 s on the cluster store)" },
  {
    issue: 5,
    part: "(§8), `POST /v1/traces`, `/v1/logs`, `/v1/metrics` (OTLP/HTTP, protobuf and JSON, gzip and deflate too, on the main port and on 4318),",
  },
];
