// What a bot pays: the same turn with botel, and with sdk-node + BatchSpanProcessor + OTLP/HTTP to a local sink.
// `node bench/overhead.ts [--pairs 9] [--turns 1000]`
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cost } from "./overhead-bot.ts";

const { values } = parseArgs({
  options: { pairs: { type: "string", default: "9" }, turns: { type: "string", default: "1000" } },
});
const [pairs, turns] = [Number(values.pairs), Number(values.turns)];

const folder = mkdtempSync(join(tmpdir(), "botel-overhead-"));
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:OTEL|BOTEL)_/.test(name)));
const botelEnv = { ...env, BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DATA_DIR: folder };

function child(file: string, args: string[], childEnv: NodeJS.ProcessEnv): ChildProcess {
  return fork(new URL(file, import.meta.url), args, { env: childEnv });
}

async function answer<T>(process: ChildProcess): Promise<T> {
  const [message] = (await once(process, "message")) as [T];
  return message;
}

async function ask(process: ChildProcess, count: number, watch = false): Promise<Cost> {
  if (process === botel) asked += count;
  process.send({ turns: count, watch });
  return answer<Cost>(process);
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const sink = child("overhead-sink.ts", [], env);
const { port } = await answer<{ port: number }>(sink);
const url = `http://127.0.0.1:${port}`;
const botel = child("overhead-bot.ts", ["botel", url], botelEnv);
const { url: observer } = await answer<{ url: string }>(botel);
let asked = 0;
const sdk = child("overhead-bot.ts", ["sdk", url], env);
await answer(sdk);
const none = child("overhead-bot.ts", ["none", url], env);
await answer(none);

for (const each of [botel, sdk, none]) await ask(each, turns); // warm
const floor = await ask(none, turns);
console.log(`floor (no SDK at all): thread ${floor.threadUs.toFixed(0)} µs, wall ${floor.wallUs.toFixed(0)} µs a turn`);

const costs: [Cost, Cost][] = [];
for (let pair = 0; pair < pairs; pair += 1) {
  const first = pair % 2 === 0 ? botel : sdk;
  const a = await ask(first, turns);
  const b = await ask(first === botel ? sdk : botel, turns);
  const both: [Cost, Cost] = first === botel ? [a, b] : [b, a];
  costs.push(both);
  const line = (name: string, cost: Cost): string =>
    `${name} thread ${cost.threadUs.toFixed(0)} wall ${cost.wallUs.toFixed(0)} process ${cost.processUs.toFixed(0)}`;
  console.log(`pair ${pair + 1}: ${line("botel", both[0])} | ${line("sdk", both[1])}   (µs a turn)`);
}

const ratio = (of: (cost: Cost) => number): string => median(costs.map(([a, b]) => of(a) / of(b))).toFixed(2);
console.log(`median ratio, CPU of the bot's thread: ${ratio((cost) => cost.threadUs)}   (≤ 1.0)`);
console.log(`median ratio, wall of a turn:          ${ratio((cost) => cost.wallUs)}   (≤ 1.0)`);
console.log(`median ratio, CPU of the process:      ${ratio((cost) => cost.processUs)}   (≤ 2.0)`);

await ask(botel, 200, true); // the watch itself warms up
await ask(sdk, 200, true);
const watched = { botel: await ask(botel, turns, true), sdk: await ask(sdk, turns, true) };
console.log(
  `longest callback in the bot's thread, garbage collection included: botel ${watched.botel.longestMs?.toFixed(2)} ms (≤ 1), ` +
    `sdk ${watched.sdk.longestMs?.toFixed(2)} ms`,
);

const stats = (await (await fetch(`${observer}/api/stats`)).json()) as { data: { summary: { totalMessages: number } } };
const counted = stats.data.summary.totalMessages;
console.log(`botel counted ${counted} of ${asked} messages`);
if (counted !== asked) process.exitCode = 1;

for (const each of [botel, sdk, none, sink]) {
  const gone = once(each, "exit");
  each.disconnect();
  await gone;
}
rmSync(folder, { recursive: true, force: true });
