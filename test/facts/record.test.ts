import { describe, expect, it } from "vitest";
import type { LogFact } from "../../src/contract/fact.ts";
import type { Attributes, Inherited, RecordShape } from "../../src/contract/span.ts";
import { END_MS, KEY, mapping, record, SPAN, TRACE } from "./shapes.ts";

function line(attributes: Attributes, more: Partial<RecordShape> = {}, inherited?: Inherited): LogFact {
  return mapping.record(record(attributes, more), KEY, inherited) as LogFact;
}

describe("a log record", () => {
  // contract §2: an OTel log record that is no state event (§9) and no content event; time, severity, body, attributes,
  // trace id, span id
  it("has what it says", () => {
    const attributes = { "user.id": "42", "gen_ai.request.model": "gpt-4o", "bot.channel.id": "main", n: 1 };
    expect(line(attributes, { severity: 13, body: "slow answer", traceId: TRACE, spanId: SPAN })).toEqual({
      kind: "log",
      key: KEY,
      timeMs: END_MS,
      timeNs: 7,
      traceId: TRACE,
      spanId: SPAN,
      service: "a-bot",
      level: "warn",
      message: "slow answer",
      userId: "42",
      channel: "main",
      model: "gpt-4o",
      meta: '{"user.id":"42","gen_ai.request.model":"gpt-4o","bot.channel.id":"main","n":1}',
    });
  });

  // contract §2: "a log record's own time (its observed time where it has none)."
  it("is dated by its own time, else by when it was observed", () => {
    const observed = { ms: END_MS + 5, ns: 3 };
    expect(line({}, { observed })).toMatchObject({ timeMs: END_MS, timeNs: 7 });
    expect(line({}, { observed, time: undefined })).toMatchObject({ timeMs: END_MS + 5, timeNs: 3 });
    expect(line({}, { observed, time: { ms: 0, ns: 0 } })).toMatchObject({ timeMs: END_MS + 5 });
    expect(line({}, { time: undefined })).toEqual({ refused: "invalid_time" });
  });

  // contract §4: "OTel severities fold into those four (trace → debug, fatal → error)."
  it("has one of four levels", () => {
    const levels = Array.from({ length: 24 }, (_, index) => line({}, { severity: index + 1 }).level);
    const expected = [...Array(8).fill("debug"), ...Array(4).fill("info"), ...Array(4).fill("warn")];
    expect(levels).toEqual([...expected, ...Array(8).fill("error")]);
  });

  it.for([
    ["FATAL", "error"],
    ["Warning", "warn"],
    ["trace", "debug"],
    ["notice", "info"],
    [undefined, "info"],
  ] as const)("without a severity number takes its level from the text %s", ([severityText, level]) => {
    expect(line({}, { severity: 0, severityText }).level).toBe(level);
  });

  it("has no trace where its ids are none", () => {
    expect(line({}, { traceId: "0".repeat(32), spanId: SPAN })).toMatchObject({
      traceId: undefined,
      spanId: undefined,
    });
    expect(line({}, { traceId: TRACE, spanId: "x" })).toMatchObject({ traceId: TRACE, spanId: undefined });
  });

  it("is written as JSON where its body is a structure, redacted", () => {
    expect(line({}, { body: { a: [1, true], password: "p" } }).message).toBe('{"a":[1,true],"password":"[redacted]"}');
  });

  it("is named by its exception or its event where it has no body", () => {
    expect(line({ "exception.message": "no" }, { body: undefined, eventName: "e" }).message).toBe("no");
    expect(line({}, { body: undefined, eventName: "app.started" }).message).toBe("app.started");
    expect(line({}, { body: undefined }).message).toBe("");
  });

  it("keeps the stack of its exception", () => {
    expect(line({ "exception.stacktrace": "at x" })).toMatchObject({ stack: "at x" });
  });

  it("takes user, group, channel and model from the context where it does not say", () => {
    const inherited = { userId: "42", userName: "Ann", groupId: "7", channel: "main", model: "gpt-4o", botId: "1" };
    expect(line({}, {}, inherited)).toMatchObject(inherited);
    expect(line({ "bot.channel.id": "other" }, {}, inherited)).toMatchObject({ channel: "other" });
  });

  it("has no meta where it has no attributes", () => {
    expect(line({}).meta).toBeUndefined();
  });
});

describe("content", () => {
  // contract §2: "Content is no fact: GenAI content events (`gen_ai.*.message`, `gen_ai.choice`,
  // `gen_ai.client.inference.operation.details`) are no log lines, and prompt and reply attributes are never read."
  it.for([
    "gen_ai.user.message",
    "gen_ai.system.message",
    "gen_ai.tool.message",
    "gen_ai.choice",
    "gen_ai.client.inference.operation.details",
  ])("is nothing as the event %s, whichever way it is named", (name) => {
    expect(mapping.record(record({}, { eventName: name }), KEY)).toBeUndefined();
    expect(mapping.record(record({ "event.name": name }), KEY)).toBeUndefined();
  });

  it("is a line as any other event", () => {
    expect(line({}, { eventName: "gen_ai.evaluation.result" })).toMatchObject({ kind: "log" });
  });

  // contract §6: "Prompts and replies are never stored."
  it("in a line's attributes is left out", () => {
    const attributes = {
      "gen_ai.input.messages": "SECRET",
      "gen_ai.output.messages": ["SECRET"],
      "gen_ai.system_instructions": "SECRET",
      "gen_ai.prompt": "SECRET",
      "gen_ai.prompt.0.content": "SECRET",
      "gen_ai.completion.0.content": "SECRET",
      "gen_ai.usage.input_tokens": 5,
    };
    expect(line(attributes).meta).toBe('{"gen_ai.usage.input_tokens":5}');
    expect(attributes["gen_ai.prompt"], "the sender's own object is not changed").toBe("SECRET");
  });
});
