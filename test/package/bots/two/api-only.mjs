// Spans by the API alone: no SDK of its own, no call of botel's.
import { trace } from "@opentelemetry/api";
import { say, untilTold } from "../world.mjs";

const tracer = trace.getTracer("bot");
const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": "api-only" };
tracer.startActiveSpan("outer", (outer) => {
  tracer.startSpan("chat api-only", { attributes }).end();
  outer.end();
});
say("done");
await untilTold();
