import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data } from "../started/ask.ts";
import { cleanUp, type StartedBot } from "../started/started.ts";
import { closeBrowser, view } from "./browser.ts";
import { startWorld, TURN } from "./world.ts";

let bot: StartedBot;
beforeAll(async () => {
  bot = await startWorld();
});
afterAll(closeBrowser);
afterAll(cleanUp);

interface Trace {
  spans: { spanId: string; kind: string; name: string; start: number; duration: number; status: string | null }[];
  duration: number;
}

async function open(hash: string, ready: string): Promise<Page> {
  const { page, complaints } = await view(`${bot.url}/${hash}`);
  await page.locator(ready).first().waitFor();
  expect(complaints).toEqual([]);
  return page;
}

describe("a turn's waterfall", () => {
  test.each([
    ["a log line", "#/logs", "Chat request processed"],
    ["a tool call", "#/logs/tools?toolName=get_weather", '{"city":"北京"}'],
    ["an error", "#/logs/errors", "API rate limit exceeded"],
  ])("is reached from %s, and Back leads there again", async (_, hash, text) => {
    const page = await open(hash, ".line");
    await page.locator(".line").filter({ hasText: text }).first().getByRole("link").click();
    await page.waitForURL(new RegExp(`trace/${TURN}`));
    await page.locator(".wf-row").first().waitFor();
    await page.getByRole("link", { name: "Back" }).click();
    await page.locator(".line").first().waitFor();
    expect(page.url()).toContain(hash);
  });

  test("has each step of the API's, in its place and as long as it took", async () => {
    const at = new Date().toISOString();
    const page = await open(`#/trace/${TURN}?at=${at}`, ".wf-row");
    const trace = await data<Trace>(bot.url, `/api/traces/${TURN}?at=${at}`);
    expect(new Set(trace.spans.map(({ kind }) => kind))).toEqual(
      new Set(["message", "request", "tool", "log", "span"]),
    );
    expect(await page.locator(".wf-row").count()).toBe(trace.spans.length);
    const track = (await page.locator(".wf-track").first().boundingBox())!;
    for (const { spanId, kind, start, duration, status } of trace.spans) {
      const row = page.locator(`[data-span="${spanId}"]`);
      const bar = (await row.locator(".wf-bar").boundingBox())!;
      expect(bar.x - track.x).toBeCloseTo((start / trace.duration) * track.width, -1);
      if (kind !== "log") expect(Math.abs(bar.width - (duration / trace.duration) * track.width)).toBeLessThan(4);
      expect((await row.getAttribute("class"))?.includes("wf-failed")).toBe(status === "error");
    }
    // A message, an agent in it, in that the requests and the tool.
    const names = await page.locator(".wf-name").allTextContents();
    expect(names.map((name) => name.replace(/^level (\d).*?: /, "$1 ").replace(/, failed$/, ""))).toEqual([
      "1 message onebot",
      "2 a step",
      "3 gpt-4o",
      "3 get_weather",
      "3 deepseek-chat",
      "2 Chat request processed",
    ]);
  });

  test("a step unfolds to what is known of it, a branch folds", async () => {
    const page = await open(`#/trace/${TURN}?at=${new Date().toISOString()}`, ".wf-row");
    await page.locator(".wf-request .wf-name").last().click();
    const details = await page.locator(".wf-more").innerText();
    for (const fact of ["deepseek-chat", "spare", "1,234", "2.8s"]) expect(details).toContain(fact);
    await page.locator(".fold").nth(1).click();
    expect(await page.locator(".wf-row").count()).toBe(3);
    await page.locator(".fold").nth(1).click();
    expect(await page.locator(".wf-row").count()).toBe(6);
  });

  test("an unknown turn is told in botel's own sentence", async () => {
    const { page } = await view(`${bot.url}/#/trace/${"0".repeat(32)}?at=${new Date().toISOString()}`);
    await page.getByRole("alert").getByText("Nothing is kept of this trace").waitFor();
  });
});
