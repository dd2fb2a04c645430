// A bot with botel inside, while its metrics are scraped from another process: what the bot's own thread has of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What one stretch of the bot's thread took. */
interface Stretches {
  /** The longest callback, ms of the thread's CPU: the noise of other processes is not in it. */
  longestMs: number;
  /** CPU of the thread, ms a second. */
  cpuMs: number;
}

/** Prints how the bot's thread fares without scrapes, and with one after the other. */
export async function botThread(rounds: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "botel-scrape-"));
  Object.assign(process.env, { BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DATA_DIR: dataDir, BOTEL_DEMO: "0" });
  const { start, message, request, tool } = await import("../src/index.ts");
  const botel = start();
  const url = await botel.ready;
  if (url === undefined) throw new Error("botel did not start");
  try {
    for (let n = 0; n < 400; n += 1) {
      await message({ platform: `p${n % 60}`, botId: "1", userId: `u${n}` }, async (turn) => {
        await request({ provider: "p", model: `model-${n}`, channel: `channel-${n}` }, (call) =>
          call.usage({ inputTokens: n, outputTokens: 1 }),
        );
        await tool({ name: `tool-${n}` }, () => n);
        turn.responded();
      });
    }
    await sleep(2000);
    await fetch(`${url}/metrics`);
    const without = await stretches(3000);
    const scraper = spawn("sh", ["-c", `for i in $(seq ${rounds * 20}); do curl -s -o /dev/null ${url}/metrics; done`]);
    const during = await stretches(3000);
    scraper.kill("SIGKILL");
    if (scraper.exitCode === null) await once(scraper, "exit");
    const line = ({ longestMs, cpuMs }: Stretches) =>
      `longest ${longestMs.toFixed(2)} ms, ${cpuMs.toFixed(1)} ms of CPU a second`;
    console.log(`the bot's thread, idle: ${line(without)}`);
    console.log(`the bot's thread, while it is scraped all the time: ${line(during)} (no pause beyond 1 ms)`);
  } finally {
    await botel.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function stretches(ms: number): Promise<Stretches> {
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const [began, from] = [performance.now(), cpu()];
  let longestMs = 0;
  while (performance.now() - began < ms) {
    const before = cpu();
    await sleep(1);
    longestMs = Math.max(longestMs, cpu() - before);
  }
  return { longestMs, cpuMs: ((cpu() - from) * 1000) / (performance.now() - began) };
}
