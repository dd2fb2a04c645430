import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { message, newTrace, record, request, state, tool } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { listen } from "../started/events.ts";
import type { Event, Stream } from "../started/events.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import type { StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";

/** Contract §5, over a real socket. */

let bot: StartedBot;
const open: Stream[] = [];

beforeAll(async () => {
  bot = await startBot({ dataDir: temporary() });
  await fed(bot, [record("so that there is something")]);
});
afterAll(async () => {
  for (const stream of open) stream.close();
  await cleanUp();
});

async function stream(query = "", lastId?: string): Promise<Stream> {
  const opened = await listen(bot.url, query, lastId);
  open.push(opened);
  return opened;
}

const named = ({ events }: Stream, name: string): Event[] => events.filter((event) => event.name === name);

async function seen(from: Stream, name: string, count: number): Promise<Event[]> {
  await until(
    () => named(from, name).length,
    (found) => (found >= count ? undefined : `${found} of ${count} ${name} events`),
    15_000,
  );
  return named(from, name);
}

const sum = (events: readonly Event[], field: string): number =>
  events.reduce((all, { data: metric }) => all + (metric as Record<string, number>)[field]!, 0);

describe("contract §5", () => {
  test("`text/event-stream`, kept alive by a comment every 15 s, `retry:`, `id: <start>-<n>` on every event", async () => {
    const from = await stream();
    await seen(from, "status", 1);
    expect(from.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(from.text()).toMatch(/^retry: ?\d+$/m);
    for (const { id } of from.events) expect(id).toMatch(/^[^-]+-\d+$/);
  });

  test("`status`: the data of `/api/system/status` on connect", async () => {
    const from = await stream();
    const [first] = await seen(from, "status", 1);
    const { status, version, bot: known } = await data<Record<string, unknown>>(bot.url, "/api/system/status");
    expect(from.events[0]).toBe(first);
    expect(first!.data).toMatchObject({ status, version, bot: known });
  });

  test("`metric`: every second while anything changed, else every 10 s; counts what was folded in the window, late facts too, so that the events add up to the totals; `errors`: items of `/api/logs/errors`", async () => {
    const own = await startBot({ dataDir: temporary() });
    const from = await listen(own.url);
    open.push(from);
    await seen(from, "status", 1);
    const trace = newTrace();
    const late = Date.now() - 20 * 86_400_000;
    const history = [
      request({ trace, input: 5, at: late }),
      request({ trace, input: 5, error: true }),
      tool({ trace, errorType: "x" }),
      message({ trace, user: "u", responses: 2 }),
      record("an error", { severity: 17 }),
      message({ at: late }),
    ];
    await fed(own, history);
    await fed(own, [...history.slice(0, 2), message({ responses: 1 })]);
    await until(
      () => sum(named(from, "metric"), "messages"),
      (found) => (found === 3 ? undefined : `${found} messages`),
      12_000,
    );
    const metrics = named(from, "metric");
    const total = (field: string): number => sum(metrics, field);
    expect(["responses", "requests", "toolCalls", "tokens", "errors"].map(total)).toEqual([3, 2, 1, 10, 3]);
    const { errors } = await data<{ errors: unknown[] }>(own.url, "/api/logs/errors");
    expect(errors).toHaveLength(3);
    const { summary } = await data<{ summary: object }>(own.url, "/api/stats");
    expect(summary).toMatchObject({ totalMessages: 3, aiResponses: 3, toolCalls: 1, tokensUsed: 10 });
    expect(metrics[0]!.data).toMatchObject({
      timestamp: expect.any(String),
      window: expect.any(Number),
      inFlight: 0,
      memory: { used: expect.any(Number), total: expect.any(Number), percentage: expect.any(Number) },
    });
  });

  test("`error`: an item of `/api/logs/errors` at once, one an item", async () => {
    const from = await stream();
    await seen(from, "status", 1);
    const failed = request({ model: "m", channel: "c", error: true, statusMessage: "told live" });
    await fed(bot, [failed, failed, record("of the same span", { severity: 17, inside: failed })]);
    await fed(bot, [record("another", { severity: 21 })]);
    const errors = await seen(from, "error", 2);
    expect(errors.map(({ data: item }) => item)).toMatchObject([
      { error: "told live", context: { channel: "c", model: "m" } },
      { error: "another" },
    ]);
    const { errors: listed } = await data<{ errors: object[] }>(bot.url, "/api/logs/errors?limit=2");
    expect(listed).toHaveLength(2);
  });

  test("`channel`: an item of `/api/stats/channels` when a channel's status changes", async () => {
    const from = await stream();
    await seen(from, "status", 1);
    const tell = (status: string) =>
      state("bot.channel.state", { "bot.channel.id": "way", "bot.channel.status": status });
    await fed(bot, [tell("active"), request({ channel: "way", at: Date.now() })]);
    await fed(bot, [tell("error")]);
    await until(
      () => named(from, "channel").map(({ data: row }) => row as { id: string; status: string }),
      (rows) => (rows.some(({ id, status }) => id === "way" && status === "error") ? undefined : "not told"),
      20_000,
    );
    const { channels } = await data<{ channels: { id: string }[] }>(bot.url, "/api/stats/channels");
    const last = named(from, "channel").findLast(({ data: row }) => (row as { id: string }).id === "way");
    expect(last!.data).toMatchObject(channels.find(({ id }) => id === "way")!);
  });

  test('So every event is followed, in the same write, by an unnamed twin with the same id, `data: {"type": "<event>", "data": …}`;', async () => {
    const from = await stream();
    await fed(bot, [record("for a twin", { severity: 17 })]);
    await seen(from, "error", 1);
    const { events } = from;
    expect(events.length % 2).toBe(0);
    for (let i = 0; i < events.length; i += 2) {
      const [one, twin] = [events[i]!, events[i + 1]!];
      expect(one.name).toBeDefined();
      expect(twin).toEqual({ id: one.id, name: undefined, data: { type: one.name, data: one.data } });
    }
  });

  test("and replay after `Last-Event-ID` from a ring bounded in bytes; replay begins with whole pairs.", async () => {
    const before = await stream("?types=error");
    await fed(bot, [record("the one before", { severity: 17 })]);
    const [last] = await seen(before, "error", 1);
    before.close();
    await fed(bot, [record("missed 1", { severity: 17 }), record("missed 2", { severity: 17 })]);
    const after = await stream("?types=error", last!.id);
    const errors = await seen(after, "error", 2);
    expect(errors.map(({ data: item }) => (item as { error: string }).error)).toEqual(["missed 1", "missed 2"]);
    expect(after.events[0]!.name).toBeDefined();
    expect(named(after, "status")).toEqual([]);
  });

  test("A gap that the ring no longer holds, or an id of another start, is told by a `status` event with `gap: true`, on every stream whatever its `types`.", async () => {
    const from = await stream("?types=metric", "0-17");
    const [told] = await seen(from, "status", 1);
    expect(told!.data).toMatchObject({ gap: true, status: expect.any(String) });
  });

  test("`?types=metric,error` narrows the stream.", async () => {
    const from = await stream("?types=error");
    await fed(bot, [message(), record("narrow", { severity: 17 })]);
    await seen(from, "error", 1);
    await fed(bot, [message(), record("narrower", { severity: 17 })]);
    await seen(from, "error", 2);
    expect(new Set(from.events.map(({ name }) => name ?? "twin"))).toEqual(new Set(["error", "twin"]));
  });
});
