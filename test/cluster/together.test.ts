import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestsOf } from "../ingest/requests.ts";
import type { Item } from "../oracle/items.ts";
import { message, newTrace, record, request, state, tool } from "../oracle/makers.ts";
import { ask, data } from "../started/ask.ts";
import { listen, type Stream } from "../started/events.ts";
import { cleanUp, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startCluster, type Cluster } from "./clickhouse.ts";
import { deliver, shared, startInstances } from "./instances.ts";

/** Three instances that answer as one. */

let cluster: Cluster;
let instances: Started[];
const streams: Stream[] = [];

beforeAll(async () => {
  cluster = await startCluster(2);
  instances = await startInstances(3, shared(cluster));
}, 120_000);
afterAll(async () => {
  for (const stream of streams) stream.close();
  await cleanUp();
  await cluster.stop();
});

async function take(by: number, ...items: Item[]): Promise<void> {
  for (const one of requestsOf(items, true)) await deliver(instances[by]!.url, one);
}

/** Waits until every instance answers so. */
async function everywhere(path: string, expected: object): Promise<void> {
  for (const { url } of instances) {
    await until(
      () => data(url, path),
      (answer) => {
        try {
          expect(answer).toMatchObject(expected);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      },
      15_000,
    );
  }
}

// issue 9: "Joins by trace across instances: a request on one, its message on another."
describe("a turn whose parts were taken by different instances", () => {
  test("the calls first, then the message", async () => {
    const trace = newTrace();
    await take(0, request({ trace, input: 5 }), record("in the turn", { inside: request({ trace }) }));
    await take(1, tool({ trace, name: "j1" }));
    await everywhere("/api/logs/tools?toolName=j1", { logs: [{ userId: null }] });
    await take(2, message({ trace, user: "ann", group: "first" }));
    await everywhere("/api/stats?groupId=first", { summary: { totalMessages: 1, toolCalls: 1, tokensUsed: 5 } });
    await everywhere("/api/stats/users", { users: [{ userId: "ann", messages: 1, tokens: 5 }] });
    await everywhere("/api/logs/tools?toolName=j1", { logs: [{ userId: "ann" }] });
  });

  test("the message first, then the calls", async () => {
    const trace = newTrace();
    await take(0, message({ trace, user: "bob", group: "second" }));
    await take(1, request({ trace, input: 7 }));
    await take(2, tool({ trace, name: "j2" }));
    await everywhere("/api/stats?groupId=second", { summary: { totalMessages: 1, toolCalls: 1, tokensUsed: 7 } });
    await everywhere("/api/logs/tools?toolName=j2", { logs: [{ userId: "bob" }] });
  });

  test("all at the same time", async () => {
    const traces = Array.from({ length: 30 }, () => newTrace());
    await Promise.all([
      take(0, ...traces.map((trace) => message({ trace, user: "eve", group: "third" }))),
      take(1, ...traces.map((trace) => request({ trace, input: 1 }))),
      take(2, ...traces.map((trace) => tool({ trace, name: "j3" }))),
    ]);
    await everywhere("/api/stats?groupId=third", { summary: { totalMessages: 30, toolCalls: 30, tokensUsed: 30 } });
    await everywhere("/api/logs/tools?toolName=j3&userId=eve&limit=1000", { logs: { length: 30 } });
  });
});

// issue 9: "SSE with several instances: every client sees all facts, whichever instance took them … within 2 s."
test("every client of any instance sees all facts, once", async () => {
  const opened = await Promise.all(instances.map(({ url }) => listen(url)));
  streams.push(...opened);
  const named = ({ events }: Stream, name: string) => events.filter((event) => event.name === name);
  const messages = (stream: Stream): number =>
    named(stream, "metric").reduce((sum, { data: metric }) => sum + (metric as { messages: number }).messages, 0);
  await until(
    () => opened.every((stream) => named(stream, "status").length > 0),
    (all) => (all ? undefined : "not every stream is open"),
    15_000,
  );
  for (const by of [0, 1, 2]) {
    await take(by, message(), message(), request({ error: true, statusMessage: `failed at ${by}` }));
  }
  for (const stream of opened) {
    await until(
      () => [messages(stream), named(stream, "error").length] as const,
      ([count, failed]) => (count >= 6 && failed >= 3 ? undefined : `${count} of 6 messages and ${failed} of 3 errors`),
      15_000,
    );
    const errors = named(stream, "error").map(({ data: item }) => (item as { error: string }).error);
    expect(errors.toSorted()).toEqual(["failed at 0", "failed at 1", "failed at 2"]);
    expect(messages(stream)).toBe(6);
  }
});

test("what bots and channels announce to one instance is known to all", async () => {
  await take(0, state("bot.state", { "bot.id": "11", "bot.platform": "onebot", "bot.connected": true }));
  await take(1, state("bot.channel.state", { "bot.channel.id": "spare", "bot.channel.status": "disabled" }));
  await take(2, state("bot.inventory", { "bot.features": ["voice"], "bot.mcp.servers": 2, "bot.tools": 9 }));
  await everywhere("/api/system/status", { bot: { connected: true, platform: "onebot", uin: "11" } });
  await everywhere("/api/system/info", { features: { voice: true }, mcpServers: 2, totalTools: 9 });
  for (const { url } of instances) {
    await until(
      () => data<{ channels: { id: string; status: string }[] }>(url, "/api/stats/channels"),
      ({ channels }) =>
        channels.some(({ id, status }) => id === "spare" && status === "disabled") ? undefined : "spare is not known",
      15_000,
    );
  }
});

test("one fact delivered to every instance at the same time is one fact", async () => {
  const facts = Array.from({ length: 20 }, () => message({ user: "twin", group: "twins" }));
  await Promise.all(instances.map((_, by) => take(by, ...facts)));
  await everywhere("/api/stats?groupId=twins", { summary: { totalMessages: 20 } });
  // One that was counted twice would be seen by now: what comes after it is.
  await take(0, message({ user: "twin", group: "twins" }));
  await everywhere("/api/stats?groupId=twins", { summary: { totalMessages: 21 } });
});

/** Samples of a metric's series, without those that the process has about itself. */
async function samples(url: string, pattern: RegExp): Promise<string[]> {
  const { body } = await ask(url, "/metrics");
  return String(body)
    .split("\n")
    .filter((line) => pattern.test(line))
    .toSorted();
}

// issue 9: "the bot's numbers on every instance are the cluster's totals"
test("the bot's numbers on /metrics are the cluster's totals on every instance", async () => {
  const totals = /^(?:bot_(?:messages|responses|requests|tokens|tool_calls)_total|gen_ai_client_\w+_(?:count|bucket))/;
  await take(0, message(), request({ input: 3, model: "m", channel: "c" }), tool());
  await take(1, message(), request({ input: 4, model: "m", channel: "c" }), tool());
  const all = await data<{ summary: { totalMessages: number } }>(instances[0]!.url, "/api/stats");
  expect(all.summary.totalMessages).toBeGreaterThan(0);
  await until(
    () => Promise.all(instances.map(({ url }) => samples(url, totals))),
    ([first, ...rest]) => {
      if (first!.length === 0) return "there are no samples";
      const different = rest.flatMap((lines) => lines.filter((line) => !first!.includes(line)));
      return different.length === 0 ? undefined : different.slice(0, 3).join("\n");
    },
    20_000,
  );
});
