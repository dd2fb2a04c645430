/**
 * What bots send in the ingest bench: turns of a message, two requests and a tool call, 15 attributes each; where it is
 * asked for, with as many spans again that are no facts: an agent, its step, and what the requests sent by HTTP.
 */
import { randomBytes } from "node:crypto";
import { encode, type Plain } from "../test/ingest/reference.ts";

export const SPANS = 512;

const text = (key: string, stringValue: string): Plain => ({ key, value: { stringValue } });
const int = (key: string, intValue: number): Plain => ({ key, value: { intValue } });

/** What SDKs and frameworks add to a span beside what botel reads. */
const OTHERS: Plain[] = [
  text("server.address", "api.openai.com"),
  int("server.port", 443),
  text("gen_ai.response.id", "chatcmpl-9J3uyL2XxT1mYbQk7Zc5"),
  text("gen_ai.output.type", "text"),
  { key: "gen_ai.request.temperature", value: { doubleValue: 0.7 } },
  { key: "gen_ai.response.finish_reasons", value: { arrayValue: { values: [{ stringValue: "stop" }] } } },
  int("gen_ai.request.max_tokens", 1024),
  text("code.function.name", "reply"),
  int("thread.id", 17),
  text("thread.name", "MainThread"),
];

function filled(attributes: Plain[]): Plain[] {
  return [...attributes, ...OTHERS].slice(0, 15);
}

function request(n: number): Plain[] {
  return filled([
    text("gen_ai.operation.name", "chat"),
    text("gen_ai.provider.name", "openai"),
    text("gen_ai.request.model", `model-${n % 12}`),
    text("gen_ai.response.model", `model-${n % 12}-2026`),
    text("bot.channel.id", `channel-${n % 6}`),
    int("gen_ai.usage.input_tokens", 200 + (n % 4000)),
    int("gen_ai.usage.output_tokens", n % 900),
    int("gen_ai.usage.cache_read.input_tokens", n % 100),
  ]);
}

function tool(n: number): Plain[] {
  return filled([
    text("gen_ai.operation.name", "execute_tool"),
    text("gen_ai.tool.name", `tool-${n % 20}`),
    text("gen_ai.tool.call.id", `call_${n}`),
    text("gen_ai.tool.call.arguments", `{"expression":"${n} * 2"}`),
    text("gen_ai.tool.call.result", `{"ok":true,"value":${n * 2}}`),
  ]);
}

function message(n: number): Plain[] {
  return filled([
    text("bot.operation.name", "message"),
    text("bot.platform", "onebot"),
    text("bot.id", "10001"),
    text("user.id", `user${n % 5000}`),
    text("user.name", `Name ${n % 5000}`),
    text("bot.group.id", `group${n % 300}`),
    text("bot.group.name", `Group ${n % 300}`),
    int("bot.response.count", 1),
  ]);
}

function agent(): Plain[] {
  return filled([text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.agent.name", "helper")]);
}

function step(n: number): Plain[] {
  return filled([text("code.namespace", "bot.loop"), int("bot.step", n % 3)]);
}

function http(): Plain[] {
  return filled([
    text("http.request.method", "POST"),
    text("url.full", "https://api.openai.com/v1/chat/completions"),
    int("http.response.status_code", 200),
    text("network.protocol.version", "1.1"),
  ]);
}

type Part = [name: string, kind: number, attributes: Plain[], spanId: Buffer, parentId: Buffer | undefined];

function turnOf(n: number, withSteps: boolean): Part[] {
  const [root, first, second, agentId, stepId] = [1, 2, 3, 4, 5].map(() => randomBytes(8)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const inside = withSteps ? stepId : root;
  const calls: Part[] = [
    ["chat model", 3, request(n), first, inside],
    ["execute_tool tool", 1, tool(n), randomBytes(8), inside],
    ["chat model", 3, request(n + 1), second, inside],
    ["message onebot", 5, message(n), root, undefined],
  ];
  if (!withSteps) return calls;
  // Inner spans end first.
  return [
    ["POST", 3, http(), randomBytes(8), first],
    ["POST", 3, http(), randomBytes(8), second],
    ...calls.slice(0, 3),
    ["step", 1, step(n), stepId, agentId],
    ["invoke_agent helper", 1, agent(), agentId, root],
    ...calls.slice(3),
  ];
}

/** A request whose ids and times can be made new in place, so that none is sent twice. */
export interface Template {
  protobuf: Buffer;
  json: Buffer;
  /** @param toMs the newest of the spans ends then. Each call makes all ids new. */
  renew(toMs: number): void;
}

/** What stands for a time until it is made new: 19 digits, another for each span. */
const PLACE_NS = 1_234_567_890_000_000_000n;

/** @param withSteps half of the spans are no facts */
export function template(serial: number, withSteps = false): Template {
  const protobuf: Plain[] = [];
  const json: Plain[] = [];
  const traceIds: Buffer[] = [];
  const turns = SPANS / (withSteps ? 8 : 4);
  for (let turn = 0; turn < turns; turn += 1) {
    const traceId = randomBytes(16);
    traceIds.push(traceId);
    for (const [name, kind, attributes, spanId, parentSpanId] of turnOf(serial * turns + turn, withSteps)) {
      const place = PLACE_NS + BigInt(protobuf.length * 2);
      const times = { startTimeUnixNano: String(place), endTimeUnixNano: String(place + 1n) };
      const rest = { name, kind, ...times, attributes, status: {} };
      protobuf.push({ traceId, spanId, parentSpanId, ...rest });
      const hex = { traceId: traceId.toString("hex"), spanId: spanId.toString("hex") };
      json.push({ ...hex, parentSpanId: parentSpanId?.toString("hex"), ...rest });
    }
  }
  return renewable(
    encode("ExportTraceServiceRequest", around(protobuf)),
    Buffer.from(JSON.stringify(around(json))),
    traceIds,
  );
}

/** One request, once. @param toMs the newest of its spans ends then */
export function payload(serial: number, toMs: number): Pick<Template, "protobuf" | "json"> {
  const { renew, protobuf, json } = template(serial);
  renew(toMs);
  return { protobuf, json };
}

function around(spans: Plain[]): Plain {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "bench"), text("telemetry.sdk.language", "python")] },
        scopeSpans: [{ scope: { name: "bench" }, spans }],
      },
    ],
  };
}

let ids = 0;

function renewable(protobuf: Buffer, json: Buffer, traceIds: Buffer[]): Template {
  const binary = (ns: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(ns);
    return bytes;
  };
  const traces = traceIds.map((id) => ({
    inProtobuf: places(protobuf, id),
    inJson: places(json, Buffer.from(id.toString("hex"))),
  }));
  const times = Array.from({ length: SPANS * 2 }, (_, n) => {
    const ns = PLACE_NS + BigInt(n);
    return { inProtobuf: places(protobuf, binary(ns)), inJson: places(json, Buffer.from(String(ns))) };
  });

  function renew(toMs: number): void {
    for (const { inProtobuf, inJson } of traces) {
      ids += 1;
      for (const at of inProtobuf) protobuf.writeUInt32BE(ids, at);
      const hex = ids.toString(16).padStart(8, "0");
      for (const at of inJson) json.write(hex, at, "latin1");
    }
    for (const [n, { inProtobuf, inJson }] of times.entries()) {
      const end = BigInt(toMs - Math.floor(((SPANS * 2 - n) * 700) / (SPANS * 2))) * 1_000_000n + BigInt(n);
      const ns = n % 2 === 0 ? end - 480_000_123n : end;
      for (const at of inProtobuf) protobuf.writeBigUInt64LE(ns, at);
      for (const at of inJson) json.write(String(ns), at, "latin1");
    }
  }

  return { protobuf, json, renew };
}

function places(all: Buffer, one: Buffer): number[] {
  const found: number[] = [];
  for (let at = all.indexOf(one); at >= 0; at = all.indexOf(one, at + 1)) found.push(at);
  return found;
}
