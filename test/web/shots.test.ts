import { afterAll, beforeAll, expect, test } from "vitest";
import { data } from "../started/ask.ts";
import { cleanUp, type Started, startNpm, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { closeBrowser, view } from "./browser.ts";
import { KEEP, shoot } from "./shoot.ts";

/**
 * The demo, which says that it is one. Its pictures are those of the documentation:
 * `SHOTS=1 npx vitest run test/web/shots.test.ts` makes them anew.
 */

let demo: Started;
beforeAll(async () => {
  demo = await startNpm({ dataDir: temporary(), env: { BOTEL_DEMO: "1" } });
  if (KEEP) await whole();
}, 300_000);
afterAll(closeBrowser);
afterAll(cleanUp);

/** The past is there, and two minutes of the present. */
async function whole(): Promise<void> {
  const month = () => data<{ daily: { messages: number }[] }>(demo.url, "/api/stats?period=month");
  await until(month, ({ daily }) => (daily.every(({ messages }) => messages > 50) ? undefined : "no past"), 120_000);
  const status = () => data<{ uptime: number }>(demo.url, "/api/system/status");
  await until(status, ({ uptime }) => (uptime > 180 ? undefined : "too early"), 240_000);
}

const WIDE = { timezoneId: "Asia/Shanghai" };
const PHONE = {
  ...WIDE,
  locale: "zh-CN",
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  isMobile: true,
};

test.each([
  ["now", "#/", "[data-card=health] li", WIDE],
  [
    "stats-dark-zh",
    "#/stats?period=month",
    "table[data-table=models] tbody tr",
    { ...WIDE, colorScheme: "dark", locale: "zh-CN" },
  ],
  ["now-phone", "#/", "[data-card=health] li", PHONE],
  ["tool-calls", "#/logs/tools", ".line", WIDE],
] as const)("the demo says that it is one: %s", async (name, hash, ready, options) => {
  const { page, complaints } = await view(`${demo.url}/${hash}`, options);
  await page.locator(ready).first().waitFor();
  await page.locator(".mark-open").waitFor();
  if (name === "tool-calls") await page.locator(".line summary").nth(1).click();
  if (hash === "#/") await page.locator('[data-chart="tokens"]:not([data-total="0"])').waitFor();
  await page.getByText(/This is a demo|这是演示/).waitFor();
  await shoot(page, name);
  expect(complaints).toEqual([]);
});

test("a turn of the demo", async () => {
  const calls = () => data<{ logs: { traceId: string; timestamp: string }[] }>(demo.url, "/api/logs/tools?limit=1");
  const { logs } = await until(calls, (answer) => (answer.logs.length > 0 ? undefined : "no tool call"), 30_000);
  const { traceId, timestamp } = logs[0]!;
  const { page, complaints } = await view(`${demo.url}/#/trace/${traceId}?at=${timestamp}`, WIDE);
  await page.locator(".wf-row").first().waitFor();
  await page.locator(".wf-request .wf-name").first().click();
  await shoot(page, "turn");
  expect(complaints).toEqual([]);
});
