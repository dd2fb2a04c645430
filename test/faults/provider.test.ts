import { afterAll, expect, test } from "vitest";
import { ALICE, BOB, GROUP, only, startTestPeer, startTestProvider } from "../bot/world.ts";
import { ask, data } from "../started/ask.ts";
import { cleanUp, startServe, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { statusesOfReads } from "./faults.ts";

const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await cleanUp();
  for (const end of ends) await end();
});

test(
  "a provider that hangs: the bot hears everybody, botel answers, and a stop ends the call and counts it as failed",
  { timeout: 60_000 },
  async () => {
    const dataDir = temporary();
    const peer = await startTestPeer();
    const provider = await startTestProvider({ channels: only("openai-main"), faults: () => ({ kind: "hangs" }) });
    ends.push(
      () => peer.stop(),
      () => provider.stop(),
    );
    const config = JSON.stringify({ bot: { onebot: { url: peer.url }, channels: provider.channels } });
    const botel = await startServe({ dataDir, config });
    await until(
      () => peer.connections,
      (count) => (count === 1 ? undefined : "the bot is not connected"),
      20_000,
    );
    peer.say({ person: ALICE, text: "Is anybody there?" });
    const inFlight = async () => {
      const { body } = await ask(botel.url, "/metrics");
      return Number(/^bot_operations_in_flight (\d+)$/m.exec(String(body))?.[1]);
    };
    await until(inFlight, (count) => (count >= 2 ? undefined : `${count} in flight`), 20_000);
    // Somebody whom the bot need not answer.
    peer.say({ person: BOB, group: GROUP, text: "tea?" });
    await until(
      () => data<{ summary: { totalMessages: number } }>(botel.url, "/api/stats"),
      ({ summary }) => (summary.totalMessages === 1 ? undefined : `${summary.totalMessages} messages`),
      20_000,
    );
    expect(await statusesOfReads(botel)).not.toContain(500);
    await botel.stop();
    const next = await startServe({ dataDir });
    expect(await data(next.url, "/api/stats/models")).toMatchObject({ models: [{ requests: 1, errors: 1 }] });
    expect(await data(next.url, "/api/stats")).toMatchObject({ summary: { totalMessages: 2, aiResponses: 0 } });
  },
);
