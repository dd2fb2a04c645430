import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBot } from "../../src/bot/bot.ts";
import { startDemo, type Demo } from "../../src/demo/demo.ts";
import { createRecorder, type Recorder } from "../bot/recorder.ts";
import { ending, QUICK, until } from "../bot/world.ts";

const settings = { demo: { seed: 1, historyDays: 2 }, timeZone: "Asia/Shanghai" };

test("the demo is a platform full of people, and providers: a bot that gets its settings answers them", async () => {
  const recorder = createRecorder();
  const demo = ending(await startDemo({ settings, instrument: recorder.instrument, historyDone: true, haste: 300 }));
  const bot = ending(await startBot({ settings: demo.bot, instrument: recorder.instrument, pace: QUICK }));
  await until(() => responses(recorder) >= 20);
  expect(bot.connected).toBe(true);
  expect(new Set(recorder.messages.map(({ groupId }) => groupId)).size).toBeGreaterThan(4);
  expect(recorder.messages.length).toBeGreaterThan(responses(recorder));
  expect(recorder.requests.length).toBeGreaterThanOrEqual(responses(recorder));
  expect(recorder.tools.length).toBeGreaterThan(0);
  expect(await demo.history).toBe(0);
});

test("the history does not delay the start, and a stop ends it", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "botel-demo-"));
  const recorder = createRecorder();
  const demo: Demo = await startDemo({ settings, instrument: recorder.instrument, historyDone: false, dataDir });
  expect(recorder.messages).toEqual([]);
  await until(() => recorder.messages.length > 0);
  await demo.stop();
  const written = recorder.messages.length;
  expect(written).toBeLessThan(1000);
  expect(await demo.history).toBe(written);
  await rm(dataDir, { recursive: true });
});

function responses({ messages }: Recorder): number {
  return messages.reduce((sum, message) => sum + message.responses, 0);
}
