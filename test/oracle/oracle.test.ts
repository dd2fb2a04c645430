import { assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { dayOf, edges, plus } from "./days.ts";
import type { Attributes, Item, RecordItem, SpanItem } from "./items.ts";
import { errorLines, toolLines } from "./logs.ts";
import { byCodePoint, meanMs, rate } from "./numbers.ts";
import { channels, groups, models, stats, tools, understand, users } from "./oracle.ts";
import { scenarios } from "./turns.ts";

/** The oracle itself, against answers that were worked out by hand. */

const NOW = BigInt(Date.UTC(2026, 10, 24, 12)) * 1_000_000n;
const MINUTE = 60_000_000_000n;

function span(id: number, attributes: Attributes, more: Partial<SpanItem> = {}): SpanItem {
  const spanId = id.toString(16).padStart(16, "0");
  const times = { startNs: NOW - MINUTE - 1_500_000n, endNs: NOW - MINUTE };
  return { type: "span", traceId: "1".repeat(32), spanId, name: "x", ...times, error: false, attributes, ...more };
}

const chat = (id: number, more?: Partial<SpanItem>): SpanItem =>
  span(id, { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 7 }, more);
const tool = (id: number, more?: Partial<SpanItem>, args?: string): SpanItem =>
  span(
    id,
    {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "t",
      ...(args && { "gen_ai.tool.call.arguments": args }),
    },
    more,
  );
const said = (id: number, more?: Partial<SpanItem>): SpanItem =>
  span(id, { "bot.operation.name": "message", "user.id": "u", "bot.group.id": "g", "bot.response.count": 1 }, more);
const inside = (id: number): Partial<SpanItem> => ({ parentId: id.toString(16).padStart(16, "0") });

const ask = (...items: Item[]) => understand(items, "UTC", NOW);
const requestsOf = (...items: Item[]): number => ask(...items).facts.filter(({ kind }) => kind === "request").length;

describe("the oracle", () => {
  test("a turn, whichever part arrives first", () => {
    for (const items of [
      [chat(2), tool(3), said(1)],
      [said(1), tool(3), chat(2)],
    ]) {
      const world = ask(...items);
      expect(stats(world, { period: "day", groupId: "g" })).toEqual({
        summary: { totalMessages: 1, aiResponses: 1, toolCalls: 1, tokensUsed: 7, activeUsers: 1, activeGroups: 1 },
        daily: [{ date: "2026-11-24", messages: 1, responses: 1, toolCalls: 1, tokens: 7 }],
      });
      expect(models(world, { period: "all" })).toEqual({
        models: [{ model: "m", requests: 1, tokens: 7, avgLatency: 2, errors: 0 }],
      });
      expect(tools(world, { period: "all" })).toEqual({
        tools: [{ name: "t", calls: 1, avgDuration: 2, successRate: 1 }],
      });
      expect(users(world, { period: "all" })).toEqual({
        users: [{ userId: "u", nickname: "u", messages: 1, tokens: 7, lastActive: "2026-11-24T11:59:00Z" }],
      });
      expect(groups(world, { period: "all" })).toMatchObject({ groups: [{ groupId: "g", activeUsers: 1, tokens: 7 }] });
    }
  });

  test("the earliest started message of a trace owns the turn", () => {
    const early = said(5, { startNs: NOW - 2n * MINUTE, attributes: { ...said(5).attributes, "user.id": "early" } });
    const rows = users(ask(chat(2), said(1), early), { period: "all", sort: "tokens", limit: 1 });
    expect(rows).toMatchObject({ users: [{ userId: "early", tokens: 7 }] });
  });

  test("one call is one request, in every order of arrival", () => {
    const [outer, inner, other] = [chat(2), chat(3, inside(2)), chat(4, inside(2))];
    expect(requestsOf(inner, outer)).toBe(1);
    expect(requestsOf(outer, inner, other)).toBe(1);
    expect(requestsOf(inner, outer, other)).toBe(2);
    expect(requestsOf(inner, inner)).toBe(1);
    expect(requestsOf(chat(3, inside(6)), span(6, {}, inside(2)), outer)).toBe(1);
    expect(requestsOf(chat(3, inside(6)), span(6, { "gen_ai.operation.name": "invoke_agent" }, inside(2)), outer)).toBe(
      2,
    );
    expect(requestsOf(chat(3, inside(6)), tool(6, inside(2)), outer)).toBe(2);
  });

  test("an outer tool call fills the arguments of the inner one that counts", () => {
    const rows = toolLines(ask(tool(3, inside(2)), tool(2, {}, '{"a":1}')));
    expect(rows).toHaveLength(1);
    expect(rows[0]!.row).toMatchObject({ args: { a: 1 }, result: null, duration: 2 });
  });

  test("a record and a failed fact of a span are one item, of the time of the first", () => {
    const failed = chat(2, { error: true, statusMessage: "limit" });
    const record: RecordItem = {
      type: "record",
      timeNs: NOW - 2n * MINUTE,
      severity: 17,
      body: "logged",
      traceId: failed.traceId,
      spanId: failed.spanId,
      attributes: { "exception.stacktrace": "at x" },
    };
    const context = { channel: "unknown", model: "m" };
    expect(errorLines(ask(failed, record)).map(({ row }) => row)).toMatchObject([
      { error: "limit", stack: "at x", context, timestamp: "2026-11-24T11:59:00.000Z" },
    ]);
    expect(errorLines(ask(record, failed)).map(({ row }) => row)).toMatchObject([
      { error: "logged", stack: "at x", context, timestamp: "2026-11-24T11:58:00.000Z" },
    ]);
  });

  test("five failed requests in a row make a channel an error, a state does not let it", () => {
    const five = [1, 2, 3, 4, 5].map((id) => chat(id, { error: true }));
    const status = (...items: Item[]): unknown => channels(ask(...items), { period: "all" }, NOW - 90_000_000_000n);
    expect(status(...five)).toMatchObject({ channels: [{ id: "unknown", status: "error", errors: 5 }] });
    expect(status(...five.slice(1))).toMatchObject({ channels: [{ status: "active" }] });
    const attributes = { "bot.channel.id": "unknown", "bot.channel.status": "active", "bot.channel.name": "N" };
    const state: RecordItem = {
      type: "record",
      timeNs: NOW,
      severity: 9,
      body: "",
      eventName: "bot.channel.state",
      attributes,
    };
    expect(status(...five, state)).toMatchObject({ channels: [{ name: "N", status: "active" }] });
  });

  test("numbers are rounded once, half up, and ties go by code points", () => {
    expect([meanMs(499_999n, 1), meanMs(500_000n, 1), meanMs(3_000_000n, 2), meanMs(0n, 0)]).toEqual([0, 1, 2, 0]);
    expect([rate(2, 3), rate(99_999, 100_000), rate(1, 1), rate(0, 0)]).toEqual([0.6667, 0.9999, 1, 0]);
    expect(["\u{1F600}", "\uFF5E", "a", "aa"].sort(byCodePoint)).toEqual(["a", "aa", "\uFF5E", "\u{1F600}"]);
  });

  test("days are those of the zone", () => {
    const at = (iso: string, zone: string): string => dayOf(BigInt(Date.parse(iso)) * 1_000_000n, zone);
    expect(at("2026-11-23T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-24");
    expect(at("2026-11-23T15:59:59.999Z", "Asia/Shanghai")).toBe("2026-11-23");
    expect(at("2026-11-23T18:15:00Z", "Asia/Kathmandu")).toBe("2026-11-24");
    expect(at("2026-11-23T11:00:00Z", "Pacific/Apia")).toBe("2026-11-24");
    expect(at("2026-11-02T04:59:59Z", "America/New_York")).toBe("2026-11-01");
    expect(plus("2026-03-01", -1)).toBe("2026-02-28");
    const autumn = edges("America/New_York", Date.parse("2026-10-31T12:00Z"), Date.parse("2026-11-02T12:00Z"));
    expect(autumn.map((ms) => new Date(ms).toISOString().slice(5, 16))).toEqual([
      "11-01T04:00",
      "11-01T06:00",
      "11-02T05:00",
    ]);
  });

  test("what is generated has every feature, and its totals hold together", () => {
    const nowMs = Number(NOW / 1_000_000n);
    const seen = { errors: 0, uncounted: 0, joined: 0, refused: 0, repeated: 0 };
    assert(
      property(scenarios(nowMs, 12), ({ zone, lives }) => {
        const items = lives.flat(2);
        const world = understand(items, zone, NOW);
        const spans = items.filter(({ type }) => type === "span");
        seen.repeated += spans.length - new Set(spans).size;
        seen.errors += world.errors.length;
        seen.joined += world.facts.filter(({ user, span: { attributes } }) => user !== attributes["user.id"]).length;
        const { summary, daily } = stats(world, { period: "all" }) as {
          summary: { totalMessages: number; tokensUsed: number };
          daily: { messages: number; tokens: number }[];
        };
        expect(daily.reduce((sum, { messages }) => sum + messages, 0)).toBe(summary.totalMessages);
        expect(daily.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(summary.tokensUsed);
        const facts = understand(items, zone, NOW, 1e6).facts.length;
        seen.refused += facts - world.facts.length;
        seen.uncounted += spans.length - facts;
      }),
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  });
});
