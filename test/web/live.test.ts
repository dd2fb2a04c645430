import type { Page } from "playwright-core";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { message, record, request } from "../oracle/makers.ts";
import { listen } from "../started/events.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { closeBrowser, view } from "./browser.ts";
import { startProxy } from "./proxy.ts";

afterAll(closeBrowser);
afterAll(cleanUp);

/** What a chart's bars are the sum of. */
async function drawn(page: Page, name: string): Promise<number> {
  return Number(await page.locator(`[data-chart="${name}"]`).getAttribute("data-total"));
}

async function draws(page: Page, name: string, count: number): Promise<void> {
  await until(
    () => drawn(page, name),
    (found) => (found === count ? undefined : `${found} of ${count} ${name}`),
    15_000,
  );
}

/** Waits until the stream has told of so many messages: who opens it then is not told of them again. */
async function told(url: string, count: number): Promise<void> {
  const stream = await listen(url, "?types=metric", "0-0");
  const first = await until(
    () => stream.events[0],
    (event) => (event === undefined ? "nothing" : undefined),
    20_000,
  );
  stream.close();
  const replay = await listen(url, "?types=metric", first!.id.replace(/-\d+$/, "-0"));
  onTestFinished(() => replay.close());
  await until(
    () => replay.events.filter(({ name }) => name === "metric"),
    (events) => {
      const sum = events.reduce((all, { data }) => all + (data as { messages: number }).messages, 0);
      return sum === count ? undefined : `${sum} messages`;
    },
    12_000,
  );
}

const many = (count: number) => Array.from({ length: count }, () => message({ at: Date.now(), responses: 1 }));

describe("the live charts", () => {
  test("hold every point: those from before the page was opened, those since, and those of a cut", async () => {
    const bot = await startBot({ dataDir: temporary() });
    const proxy = await startProxy(bot.url);
    onTestFinished(() => proxy.close());
    await fed(bot, many(3));
    await told(bot.url, 3);
    const { page, complaints } = await view(`${proxy.url}/#/`);
    await page.locator(".mark-open").waitFor();
    await draws(page, "messages", 3);
    await fed(bot, many(4));
    await draws(page, "messages", 7);

    proxy.cut();
    await page.locator(".mark-cut").waitFor();
    await page.getByText("Cut off for").waitFor();
    await fed(bot, [...many(5), request({ at: Date.now(), input: 11, output: 2, error: true })]);
    expect(await drawn(page, "messages")).toBe(7);

    proxy.mend();
    await page.locator(".mark-open").waitFor();
    await page.getByText("Live again. Nothing was lost.").waitFor();
    await draws(page, "messages", 12);
    expect(await drawn(page, "responses")).toBe(12);
    expect(await drawn(page, "tokens")).toBe(13);
    expect(await drawn(page, "errors")).toBe(1);
    expect(complaints.filter((text) => !/Failed to load resource: net::|ERR_/.test(text))).toEqual([]);
  });

  test("say it where points are lost: botel was started again", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const bot = await startBot({ dataDir });
    const { port } = new URL(bot.url);
    const { page } = await view(`${bot.url}/#/`);
    await page.locator(".mark-open").waitFor();
    await bot.kill();
    await page.locator(".mark-cut").waitFor();
    const again = await startBot({ dataDir, env: { BOTEL_PORT: port } });
    expect(again.url).toBe(bot.url);
    await page.getByText("Some events between are lost").waitFor();
    await fed(again, many(2));
    await draws(page, "messages", 2);
  });

  test("the beat is seen: each sign of life draws the mark anew", async () => {
    const bot = await startBot({ dataDir: temporary() });
    const { page } = await view(`${bot.url}/#/`);
    await page.locator(".mark-open .dot").waitFor();
    await page.evaluate(`
      beats = 0
      new MutationObserver(() => (beats += 1)).observe(document.querySelector(".mark"), { childList: true })
    `);
    await fed(bot, many(1));
    await until(
      () => page.evaluate<number>("beats"),
      (beats) => (beats > 0 ? undefined : "no beat"),
      20_000,
    );
  });

  test("a new error is in the list of the newest within seconds", async () => {
    const bot = await startBot({ dataDir: temporary() });
    const { page } = await view(`${bot.url}/#/`);
    await page.getByText("No errors. Good.").waitFor();
    await fed(bot, [record("it broke just now", { at: Date.now(), severity: 17 })]);
    await page.locator('[data-card="errors"]').getByText("it broke just now").waitFor();
  });
});
