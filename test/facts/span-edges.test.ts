import { describe, expect, it } from "vitest";
import type { RequestFact, SpanFact } from "../../src/contract/fact.ts";
import type { Attributes, Inherited, SpanShape } from "../../src/contract/span.ts";
import { END_MS, mapping, span } from "./shapes.ts";

const CHAT = { "gen_ai.operation.name": "chat" };
const MESSAGE = { "bot.operation.name": "message" };

function request(attributes: Attributes, inherited?: Inherited): RequestFact {
  return mapping.span(span({ ...CHAT, ...attributes }), inherited) as RequestFact;
}

function failed(more: Partial<SpanShape>, attributes: Attributes = {}): SpanFact {
  return mapping.span(span({ ...CHAT, ...attributes }, more)) as SpanFact;
}

describe("time", () => {
  // contract §2: "Time of a fact: the span's end; … Kept in nanoseconds;"
  it("is the span's end, to the nanosecond", () => {
    const times = { start: { ms: END_MS - 1, ns: 999_999 }, end: { ms: END_MS, ns: 1 } };
    expect(mapping.span(span(CHAT, times))).toMatchObject({ timeMs: END_MS, timeNs: 1, durationNs: 2 });
  });

  it("has no duration where the clock went back", () => {
    const times = { start: { ms: END_MS + 5, ns: 0 }, end: { ms: END_MS, ns: 0 } };
    expect(mapping.span(span(CHAT, times))).toMatchObject({ timeMs: END_MS, durationNs: 0 });
  });
});

describe("failure", () => {
  const exception = (message: string) => ({
    name: "exception",
    attributes: {
      "exception.type": "TypeError",
      "exception.message": message,
      "exception.stacktrace": `at ${message}`,
    },
  });

  it("Failed: span status ERROR, or `error.type` set.", () => {
    expect(failed({ error: true })).toMatchObject({ failed: true, errorType: "_OTHER" });
    expect(failed({}, { "error.type": "429" })).toMatchObject({ failed: true, errorType: "429" });
    expect(failed({}, { "error.type": "" })).toMatchObject({ failed: false, errorType: undefined });
    expect(failed({})).toMatchObject({ failed: false });
  });

  it("An ERROR span counts once, whatever events it holds.", () => {
    const fact = failed({ error: true, statusMessage: "status", events: [exception("first"), exception("last")] });
    expect(fact).toMatchObject({ failed: true, errorType: "TypeError", errorMessage: "last", stack: "at last" });
  });

  it("is not made by an exception that was handled", () => {
    const fact = failed({ events: [exception("handled")] });
    expect(fact).toMatchObject({ failed: false, errorMessage: undefined, stack: undefined });
  });

  it("has the status description where no exception tells more", () => {
    expect(failed({ error: true, statusMessage: "rate limit" })).toMatchObject({ errorMessage: "rate limit" });
  });
});

describe("ids", () => {
  // contract §3: "Ids (`uin`, `userId`, `groupId`) are strings, always;"
  it("are strings, whatever the sender wrote, and an empty one is none", () => {
    const fact = mapping.span(span({ ...MESSAGE, "user.id": 42, "bot.id": 10_001n, "bot.group.id": "" }));
    expect(fact).toMatchObject({ userId: "42", botId: "10001", groupId: undefined });
    expect(mapping.span(span({ ...MESSAGE, "user.id": { a: 1 } }))).toMatchObject({ userId: undefined });
  });

  it("keep no half of a surrogate pair, and are bounded", () => {
    expect(mapping.span(span({ ...MESSAGE, "user.name": "a\ud83d" }))).toMatchObject({ userName: "a\ufffd" });
    const long = `${"x".repeat(255)}😀`;
    expect(mapping.span(span({ ...MESSAGE, "user.id": long }))).toMatchObject({ userId: "x".repeat(255) });
  });

  it("come from the context where the span does not say; a name goes with its own id", () => {
    const inherited = { userId: "42", userName: "Ann", groupId: "7", groupName: "cats", botId: "1" };
    expect(request({}, inherited)).toMatchObject(inherited);
    expect(request({ "user.id": "43" }, inherited)).toMatchObject({ userId: "43", userName: undefined, groupId: "7" });
  });
});
