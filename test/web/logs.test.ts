import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ErrorsData, LogsData, ToolLogsData } from "../../src/contract/wire/logs.ts";
import { record } from "../oracle/makers.ts";
import { data, pages } from "../started/ask.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, type StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";
import { closeBrowser, view } from "./browser.ts";
import { startWorld } from "./world.ts";

let bot: StartedBot;
beforeAll(async () => {
  bot = await startWorld();
});
afterAll(closeBrowser);
afterAll(cleanUp);

const ask = <T>(path: string): Promise<T> => data<T>(bot.url, path);

async function open(hash: string): Promise<Page> {
  const { page, complaints } = await view(`${bot.url}/${hash}`);
  await page.locator(".line").first().waitFor();
  expect(complaints).toEqual([]);
  return page;
}

/** The texts of all lines that are there, newest first, also of those out of sight. */
async function texts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll(".line-text")].map((line) => line.firstChild.textContent)`,
  );
}

async function scrollToEnd(page: Page): Promise<void> {
  await until(
    async () => {
      await page.evaluate("scrollTo(0, document.body.scrollHeight)");
      return page.getByText("This is all there is.").count();
    },
    (found) => (found === 1 ? undefined : "the end is not reached"),
    15_000,
  );
}

describe("the log", () => {
  test("is paged to its end without loss or repeat as one scrolls", async () => {
    const page = await open("#/logs?before=2100-01-01T00:00:00Z");
    await scrollToEnd(page);
    const { rows, pages: count } = await pages(bot.url, "/api/logs", "logs", { limit: 100 });
    expect(count).toBeGreaterThan(2);
    expect(await texts(page)).toEqual((rows as LogsData["logs"]).map(({ message }) => message));
  });

  test("of one level, which is in the address", async () => {
    const page = await open("#/logs");
    await page.getByText("Warning", { exact: true }).first().click();
    await page.waitForURL(/level=warn/);
    const { logs } = await ask<LogsData>("/api/logs?level=warn");
    await until(
      () => texts(page),
      (found) =>
        JSON.stringify(found) === JSON.stringify(logs.map(({ message }) => message)) ? undefined : found.join(),
      20_000,
    );
  });

  test("is followed: new lines come in by themselves, until it is turned off", async () => {
    const page = await open("#/logs");
    await fed(bot, [record("a new line", { at: Date.now() })]);
    await page.locator(".line-text").getByText("a new line").waitFor();
    const shown = await texts(page);
    const { logs } = await ask<LogsData>("/api/logs");
    expect(shown.slice(0, 100)).toEqual(logs.map(({ message }) => message));
    expect(new Set(shown.filter((text) => text.startsWith("line "))).size).toBe(
      shown.filter((text) => text.startsWith("line ")).length,
    );

    await page.getByRole("switch").click();
    await fed(bot, [record("not followed", { at: Date.now() })]);
    const asked = page.waitForRequest(/api\/logs\?/, { timeout: 4500 });
    await expect(asked).rejects.toThrow("Timeout");
    expect((await texts(page))[0]).not.toBe("not followed");
    await page.getByRole("switch").click();
    await page.locator(".line-text").getByText("not followed").waitFor();
  });

  test("a line unfolds to its attributes, which stay open while others come in; its time is UTC on hover", async () => {
    const page = await open("#/logs?level=info");
    const [first] = (await ask<LogsData>("/api/logs?level=info&limit=1")).logs;
    const line = page.locator(".line").filter({ hasText: first!.message }).first();
    await line.locator("summary").click();
    expect(JSON.parse(await line.locator("pre").innerText())).toEqual(first!.meta);
    expect(await line.locator("time").getAttribute("title")).toBe(
      first!.timestamp.replace("T", " ").replace("Z", " UTC"),
    );
    await fed(bot, [record("comes in on top", { at: Date.now() })]);
    await page.locator(".line-text").getByText("comes in on top").waitFor();
    expect(await page.locator("details[open]").count()).toBe(1);
    expect(await page.locator("details[open] .line-text").innerText()).toContain(first!.message);
  });

  test("nothing that matches: it says so, and how to go on", async () => {
    const { page } = await view(`${bot.url}/#/logs?before=2001-01-01T00:00:00Z`);
    await page.getByText("Nothing matches these filters.").waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await page.locator(".line").first().waitFor();
  });

  test("what botel refuses is told in its own sentence", async () => {
    const { page } = await view(`${bot.url}/#/logs?before=never`);
    const { error } = (await (await fetch(`${bot.url}/api/logs?before=never`)).json()) as { error: string };
    await page.getByRole("alert").getByText(error).waitFor();
  });
});

describe("tool calls", () => {
  test("are filtered by tool, user and outcome", async () => {
    const page = await open("#/logs/tools");
    await page.getByRole("combobox").selectOption("get_weather");
    await page.getByLabel("User id").fill("100");
    await page.getByLabel("User id").press("Enter");
    await page.getByText("Worked", { exact: true }).first().click();
    await page.waitForURL(/status=success/);
    await page.waitForURL(/userId=100/);
    const { logs } = await ask<ToolLogsData>("/api/logs/tools?toolName=get_weather&userId=100&status=success");
    expect(logs.length).toBeGreaterThan(0);
    await until(
      () => page.locator(".line").count(),
      (count) => (count === logs.length ? undefined : `${count} of ${logs.length}`),
      20_000,
    );
    const line = page.locator(".line").first();
    await line.locator("summary").click();
    const [args, result] = await line.locator("pre").allInnerTexts();
    expect([JSON.parse(args!), JSON.parse(result!)]).toEqual([logs[0]!.args, logs[0]!.result]);
  });
});

describe("errors", () => {
  test("with their stack traces folded", async () => {
    const page = await open("#/logs/errors");
    const { errors } = await ask<ErrorsData>("/api/logs/errors");
    expect((await texts(page)).slice(0, 100)).toEqual(errors.map(({ error }) => error));
    const at = errors.findIndex(({ stack }) => stack !== null);
    const line = page.locator(".line").nth(at);
    expect(await line.locator("pre").isVisible()).toBe(false);
    await line.locator("summary").click();
    expect(await line.locator("pre").innerText()).toBe(errors[at]!.stack);
  });
});
