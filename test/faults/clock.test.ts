import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ask, data, pages } from "../started/ask.ts";
import { listen } from "../started/events.ts";
import { cleanUp, startServe, temporary, type StartOptions } from "../started/started.ts";
import { until } from "../started/until.ts";
import { sendMessages, statusesOfReads, untilMessages } from "./faults.ts";

afterAll(cleanUp);

const HOUR_MS = 3_600_000;

/** A clock of the process that the test sets: by Debian's `faketime`. Only the time of day; durations stay true. */
function createClock(): { env: Record<string, string>; set(hours: number): void } {
  const [library] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
  if (library === undefined) throw new Error("this test sets a clock: apt-get install faketime");
  const file = join(temporary(), "clock");
  const set = (hours: number): void => writeFileSync(file, `${hours < 0 ? "-" : "+"}${Math.abs(hours)}h\n`);
  set(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
  return { env, set };
}

/** A zone where it is about noon: five hours to and fro are the same day. */
function zoneOfNoon(): string {
  const hours = 12 - new Date().getUTCHours();
  return `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`;
}

test(
  "a clock that is set forward and back by hours: what comes is counted, nothing is lost or there twice, and botel goes on",
  { timeout: 120_000 },
  async () => {
    const clock = createClock();
    const options: StartOptions = { dataDir: temporary(), zone: zoneOfNoon(), env: clock.env };
    const botel = await startServe(options);
    const uptime = async () => (await data<{ uptime: number }>(botel.url, "/api/system/status")).uptime;
    const now = async () => {
      const { headers } = await ask(botel.url, "/livez");
      return Date.parse(headers.get("date") ?? "");
    };
    const stream = await listen(botel.url, "?types=metric");
    const counted = () =>
      stream.events
        .filter(({ name }) => name === "metric")
        .reduce((sum, event) => sum + (event.data as { messages: number }).messages, 0);
    let total = 0;
    for (const hours of [0, 5, -5, 0]) {
      clock.set(hours);
      await until(now, (at) => (Math.abs(at - Date.now() - hours * HOUR_MS) < 60_000 ? undefined : "not set"), 20_000);
      // As a bot on the same machine dates it.
      expect(await sendMessages(botel, 10, Date.now() + hours * HOUR_MS)).toBe(200);
      total += 10;
      await untilMessages(botel, total);
      await until(counted, (sum) => (sum === total ? undefined : `${sum} in events`), 20_000);
      expect((await ask(botel.url, "/api/system/health")).status).toBe(200);
      expect(await statusesOfReads(botel)).not.toContain(500);
      expect(await uptime()).toBeLessThan(600);
    }
    // contract §2: "Facts dated over 10 min ahead … are refused"
    expect(await sendMessages(botel, 10, Date.now() + 5 * HOUR_MS)).toBe(200);
    await untilMessages(botel, total);
    stream.close();
    clock.set(-5);
    await botel.stop();
    const next = await startServe(options);
    await untilMessages(next, total);
    const { rows } = await pages(next.url, "/api/logs", "logs", { limit: 10 });
    expect(rows).toEqual([]);
    expect(botel.output()).not.toMatch(/^botel: /m);
  },
);
