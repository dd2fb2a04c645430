import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { message, record } from "../../oracle/makers.ts";
import { data } from "../../started/ask.ts";
import { cleanUp, startServe, temporary, type Started } from "../../started/started.ts";
import { logs, post, traces, type Otlp } from "../requests.ts";

const KILLS = Number(process.env["BOTEL_KILLS"] ?? 50);
const CLIENTS = 4;
const SPANS = 25;

afterAll(cleanUp);

interface Totals {
  /** Spans and lines of requests that were answered 200. */
  acknowledged: number;
  stopped: boolean;
}

/** A client as the SDKs are: it sends a request again until it is answered 200. */
async function client(url: () => string, name: string, totals: Totals): Promise<void> {
  for (let n = 0; !totals.stopped; n += 1) {
    const json = n % 2 === 0;
    const spans = Array.from({ length: SPANS }, () => message({ user: name }));
    const lines = Array.from({ length: SPANS }, (_, i) => record(`${name} ${n} ${i}`));
    for (const one of [traces(spans, json), logs(lines, json)]) await until200(url, one);
    totals.acknowledged += SPANS;
  }
}

async function until200(url: () => string, { path, contentType, body }: Otlp): Promise<void> {
  for (;;) {
    try {
      const { status } = await post(url(), path, body, { "content-type": contentType });
      if (status === 200) return;
      if (status !== 503) throw new TypeError(`answered ${status}`);
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith("answered")) throw error;
      await sleep(20); // it is dead, and is being started again
    }
  }
}

async function stored(url: string): Promise<number> {
  return (await data<{ summary: { totalMessages: number } }>(url, "/api/stats")).summary.totalMessages;
}

// issue 5: "kill -9 during ingest, 50 times, clients that resend: acknowledged = stored, none twice"
// contract §7: "`SIGKILL` loses no fact that was acknowledged over OTLP"
test(`kill -9 during ingest, ${KILLS} times, clients that resend: acknowledged = stored, none twice`, async () => {
  const dataDir = temporary();
  const totals: Totals = { acknowledged: 0, stopped: false };
  let botel: Started = await startServe({ dataDir });
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(() => botel.url, `client-${n}`, totals));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(Math.random() * 150); // the moment of the kill is any
    const before = totals.acknowledged;
    await botel.kill();
    botel = await startServe({ dataDir });
    expect(await stored(botel.url)).toBeGreaterThanOrEqual(before);
  }
  totals.stopped = true;
  await Promise.all(clients);
  expect(totals.acknowledged).toBeGreaterThan(KILLS);
  expect(await stored(botel.url)).toBe(totals.acknowledged);
  const lines = await countLines(botel.url);
  expect(lines.all).toBe(totals.acknowledged);
  expect(lines.different).toBe(totals.acknowledged);
  console.log(
    `${KILLS} kills: ${totals.acknowledged} messages and as many lines acknowledged, all of them stored once`,
  );
}, 300_000);

async function countLines(url: string): Promise<{ all: number; different: number }> {
  const different = new Set<string>();
  let [all, before] = [0, ""];
  for (;;) {
    const page = await data<{ logs: { message: string }[]; nextBefore: string | null }>(
      url,
      `/api/logs?limit=1000${before && `&before=${before}`}`,
    );
    all += page.logs.length;
    for (const { message } of page.logs) different.add(message);
    if (page.nextBefore === null) return { all, different: different.size };
    before = page.nextBefore;
  }
}
