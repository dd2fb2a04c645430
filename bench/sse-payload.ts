/** What bots send in `bench/sse.ts` at 500 facts/s. */
import { randomBytes } from "node:crypto";
import { encode, type Plain } from "../test/ingest/reference.ts";

export const AT_ONCE = 50;

const text = (key: string, stringValue: string): Plain => ({ key, value: { stringValue } });
const int = (key: string, intValue: number): Plain => ({ key, value: { intValue } });

/** Attributes of the nth span: a message, two requests and a tool call make a turn. */
function attributes(n: number): Plain[] {
  if (n % 4 === 3) {
    const who = [text("user.id", `user${n % 50}`), text("bot.group.id", `group${n % 9}`)];
    return [
      text("bot.operation.name", "message"),
      text("bot.platform", "onebot"),
      int("bot.response.count", 1),
      ...who,
    ];
  }
  if (n % 4 === 1) return [text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", `tool${n % 7}`)];
  return [
    text("gen_ai.operation.name", "chat"),
    text("gen_ai.request.model", `model${n % 3}`),
    text("bot.channel.id", `channel${n % 2}`),
    int("gen_ai.usage.input_tokens", 100 + (n % 900)),
    int("gen_ai.usage.output_tokens", n % 300),
  ];
}

let made = 0;

/** 50 spans that end now; one in 20 failed, and says when it was sent. */
export function small(): Buffer {
  const now = Date.now();
  let traceId = randomBytes(16);
  const spans = Array.from({ length: AT_ONCE }, (): Plain => {
    const n = made++;
    if (n % 4 === 0) traceId = randomBytes(16);
    const status = n % 40 === 1 || n % 40 === 10 ? { code: 2, message: `sent ${now}` } : {};
    const end = BigInt(now) * 1_000_000n;
    const times = { startTimeUnixNano: String(end - 300_000_000n), endTimeUnixNano: String(end) };
    return { traceId, spanId: randomBytes(8), name: `n${n}`, kind: 3, ...times, attributes: attributes(n), status };
  });
  const resource = { attributes: [text("service.name", "bench")] };
  return encode("ExportTraceServiceRequest", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}
