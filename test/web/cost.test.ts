import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import type { Live } from "../../src/live/live.ts";
import { startApi } from "../api/started.ts";
import { started } from "../live/made.ts";
import { until } from "../started/until.ts";
import { taken, messageFact } from "../system/made.ts";
import { closeBrowser, view } from "./browser.ts";

/** What the page costs the one who has it open. */

afterAll(closeBrowser);

const CHART_MS = 50;
const FIRST_LOAD_BYTES = 120 * 1024;
const READY_MS = 1000;

/** Takes the time when the page first shows how botel is, as the browser saw it. */
const READY = `new MutationObserver((_, watch) => {
  if (!document.querySelector('[data-tile="status"]')) return;
  readyAt = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true })`;

/** A stream whose seconds pass as the test wants, and a page that shows it. */
async function streaming() {
  const live = started();
  const { url } = await startApi({ live, system: { ...live.system, health: NO_HEALTH } as never });
  const { page, complaints } = await view(`${url}/#/`);
  await page.locator(".mark-open").waitFor();
  return { live, page, complaints };
}

const NO_HEALTH = () => ({
  healthy: true,
  checks: { database: { status: "ok", latency: 1 }, bot: { status: "ok" }, channels: { status: "ok", available: 1 } },
});

/** So many seconds with so many messages in each; what is written leaves in time: a client that is stuck is cut loose. */
async function pass(live: Live & { second(): void }, seconds: number, messages: number): Promise<void> {
  for (let i = 0; i < seconds; i += 1) {
    live.changes(taken(...Array.from({ length: messages }, () => messageFact())));
    live.second();
    if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Waits until the last two minutes are drawn: each of their seconds has so many messages. */
async function drawn(page: Page, messages: number): Promise<void> {
  await until(
    async () => Number(await page.locator('[data-chart="messages"]').getAttribute("data-total")),
    (total) => (total > 105 * messages && total < 125 * messages ? undefined : `${total} of ${120 * messages}`),
    20_000,
  );
}

describe("the page", () => {
  test(`first loads at most ${FIRST_LOAD_BYTES} bytes, and is ready within ${READY_MS} ms`, async () => {
    const { url } = await startApi({ live: started() });
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { page } = await view("about:blank");
      await page.addInitScript(READY);
      await page.goto(`${url}/#/`);
      await page.locator('[data-tile="status"]').waitFor();
      times.push(await page.evaluate<number>("readyAt"));
      const sizes = await page.evaluate<number[]>(
        `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
          .filter(({ name }) => !name.includes("/api/")).map((entry) => entry.transferSize)`,
      );
      expect(sizes.length).toBeGreaterThanOrEqual(3);
      expect(sizes.reduce((all, size) => all + size, 0)).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
    }
    expect(Math.min(...times)).toBeLessThanOrEqual(READY_MS);
  });

  test(
    `never blocks its thread for more than ${CHART_MS} ms while its charts, full, are drawn anew`,
    { timeout: 60_000 },
    async () => {
      const { live, page, complaints } = await streaming();
      for (let n = 1; n <= 6; n += 1) {
        await pass(live, 650, n);
        await drawn(page, n);
      }
      await page.getByText("1h", { exact: true }).click();
      const browser = page.context().browser()!;
      await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
      for (let n = 0; n < 40; n += 1) {
        await pass(live, 1, 6);
        await page.evaluate("new Promise(requestAnimationFrame)");
      }
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
      const tasks = mainTasks(traceEvents);
      expect(tasks.length).toBeGreaterThan(40);
      // CPU of the thread: what others do on the machine is not the page's.
      expect(Math.max(...tasks)).toBeLessThanOrEqual(CHART_MS);
      expect(complaints).toEqual([]);
    },
  );

  test("holds no more after a day of streaming than after two hours", { timeout: 120_000 }, async () => {
    const { live, page, complaints } = await streaming();
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.enable");
    const used = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      const { nodes } = await session.send("Memory.getDOMCounters");
      return { bytes: usedSize, nodes };
    };
    const hours = async (from: number, to: number) => {
      for (let batch = from * 6; batch < to * 6; batch += 1) {
        const messages = (batch % 7) + 1;
        await pass(live, 600, messages);
        await drawn(page, messages);
      }
    };
    await hours(0, 2);
    const before = await used();
    await hours(2, 24);
    const after = await used();
    expect(live.counts().lost).toBe(0);
    expect(after.bytes - before.bytes).toBeLessThanOrEqual(2 * 2 ** 20);
    expect(after.nodes).toBeLessThanOrEqual(before.nodes + 200);
    expect(complaints).toEqual([]);
  });
});

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** CPU of the thread, µs. */
  tdur?: number;
  args?: { name?: string };
}

/** CPU of each task of the page's main thread, ms. */
function mainTasks(events: readonly TraceEvent[]): number[] {
  const main = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return events
    .filter(({ name, ph, pid, tid }) => ph === "X" && name.endsWith("RunTask") && main.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
}
