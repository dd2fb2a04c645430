import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, startBot, type StartedBot, temporary } from "../started/started.ts";
import { closeBrowser, seriousFindings, view } from "./browser.ts";
import { startWorld, TURN } from "./world.ts";

let bot: StartedBot;
beforeAll(async () => {
  bot = await startWorld();
});
afterAll(closeBrowser);
afterAll(cleanUp);

/** The colour of which a chart without bars has most, beside none: that of its lines. */
const COLOURS = `(() => {
  const canvas = document.querySelector('[data-chart="errors"] canvas');
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 255) continue;
    const colour = data.slice(i, i + 3).join();
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
})()`;

const VIEWS = {
  now: { hash: "#/", ready: "[data-card=health] li" },
  stats: { hash: "#/stats?period=month", ready: "table[data-table=groups] tbody tr" },
  logs: { hash: "#/logs", ready: ".line" },
  tools: { hash: "#/logs/tools", ready: ".line" },
  errors: { hash: "#/logs/errors", ready: ".line" },
  trace: { hash: `#/trace/${TURN}?at=${new Date().toISOString()}`, ready: ".wf-row" },
} as const;

async function open(hash: string, ready: string, options: BrowserContextOptions = {}): Promise<Page> {
  const { page, complaints } = await view(`${bot.url}/${hash}`, options);
  await page.locator(ready).first().waitFor();
  expect(complaints).toEqual([]);
  return page;
}

describe.each(Object.entries(VIEWS))("%s", (_, { hash, ready }) => {
  test.each(["light", "dark"] as const)("axe-core finds nothing serious, %s", async (colorScheme) => {
    const page = await open(hash, ready, { colorScheme });
    const unfold = page.locator(".line summary, .wf-name").first();
    if ((await unfold.count()) > 0) await unfold.click();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test("is in Chinese for a Chinese browser, and nothing of it in English", async () => {
    const [zh, en] = await Promise.all([open(hash, ready, { locale: "zh-CN" }), open(hash, ready)]);
    expect(await zh.getAttribute("html", "lang")).toBe("zh-Hans");
    expect(await zh.title()).toMatch(/^[一-鿿]+ · botel$/);
    const [headings, english] = await Promise.all(
      [zh, en].map((page) => page.locator("h1, h2, h3, dt, nav a").allInnerTexts()),
    );
    for (const heading of headings!) {
      if (english!.includes(heading)) expect(heading, "said in English").toMatch(/^botel |^(Token)?$/);
    }
  });

  test("fits 390 pixels: nothing makes the page wider", async () => {
    const page = await open(hash, ready, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    const widths = await page.evaluate<number[]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(widths[0]).toBeLessThanOrEqual(390);
    expect(widths[1]).toBe(390);
    expect(await seriousFindings(page)).toEqual([]);
  });
});

describe("language and colours", () => {
  test("the language is switched by a button, and kept; numbers follow", async () => {
    const page = await open("#/stats?period=all", VIEWS.stats.ready, { locale: "de-DE" });
    expect(await page.locator("h1").innerText()).toBe("Statistics");
    expect(await page.locator("table[data-table=tools] tbody td").nth(2).innerText()).toMatch(/%$/);
    await page.getByRole("button", { name: "中文" }).click();
    expect(await page.locator("h1").innerText()).toBe("统计");
    await page.reload();
    expect(await page.locator("h1").innerText()).toBe("统计");
    await page.getByRole("button", { name: "English" }).click();
    expect(await page.locator("h1").innerText()).toBe("Statistics");
  });

  test("dark where the system is dark, and where one chooses it; the charts are drawn in its colours", async () => {
    const paper = (page: Page) => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const [light, dark] = await Promise.all([
      open("#/", VIEWS.now.ready),
      open("#/", VIEWS.now.ready, { colorScheme: "dark" }),
    ]);
    const [day, night] = [await paper(light), await paper(dark)];
    expect(day).not.toBe(night);
    await light.getByRole("button", { name: "Colours: As the system" }).click();
    expect(await paper(light)).toBe(day);
    await light.getByRole("button", { name: "Colours: Light" }).click();
    expect(await paper(light)).toBe(night);
    const colours = (page: Page) => page.evaluate<string>(COLOURS);
    expect(await colours(light)).toBe(await colours(dark));
    await light.reload();
    expect(await paper(light)).toBe(night);
  });

  test("everything can be reached and used by the keyboard", async () => {
    const page = await open("#/stats?period=week", VIEWS.stats.ready);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");
    await page.locator('input[name="period"][value="week"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/period=month/);
    const sort = page.locator("table[data-table=models]").getByRole("button", { name: "Tokens" });
    await sort.focus();
    await page.keyboard.press("Enter");
    await page.locator("table[data-table=models] th[aria-sort]").getByText("Tokens").waitFor();
    const logs = await open("#/logs", VIEWS.logs.ready);
    await logs.locator(".line summary").first().focus();
    await logs.keyboard.press("Enter");
    expect(await logs.locator("details[open]").count()).toBe(1);
  });
});

test("the check for what is serious sees it", async () => {
  const page = await open("#/", VIEWS.now.ready);
  await page.evaluate(
    `document.querySelector("h1").style.color = "#eee"; document.querySelector("h1").style.background = "#fff"`,
  );
  expect((await seriousFindings(page)).join()).toContain("color-contrast");
});

describe("with nothing to show", () => {
  test("it says how to connect a bot", async () => {
    const empty = await startBot({ dataDir: temporary() });
    for (const hash of ["#/", "#/stats"]) {
      const { page, complaints } = await view(`${empty.url}/${hash}`);
      await page.getByRole("heading", { name: "No bot has been heard yet" }).waitFor();
      expect(await page.locator(".connect").innerText()).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${empty.url}`);
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    }
    const { page } = await view(`${empty.url}/#/logs/errors`);
    await page.getByText("Nothing here yet.").waitFor();
  });

  test("a botel that is gone is told, and what was seen stays", async () => {
    const short = await startBot({ dataDir: temporary() });
    const { page } = await view(`${short.url}/#/`);
    await page.locator('[data-card="today"] [data-total]').first().waitFor();
    await short.kill();
    await page.getByText("Cut off for").waitFor();
    expect(await page.locator('[data-tile="status"]').innerText()).not.toContain("Running");
    expect(await page.locator('[data-card="today"] [data-total]').count()).toBe(6);
    await page.getByRole("link", { name: "Logs" }).click();
    await page.getByText("botel does not answer.").waitFor();
  });
});
