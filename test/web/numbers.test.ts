import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  ChannelsData,
  GroupsData,
  ModelsData,
  StatsData,
  ToolsData,
  UsersData,
} from "../../src/contract/wire/stats.ts";
import type { HealthData, StatusData } from "../../src/contract/wire/system.ts";
import { data } from "../started/ask.ts";
import { cleanUp, type StartedBot } from "../started/started.ts";
import { closeBrowser, view } from "./browser.ts";
import { startWorld } from "./world.ts";

/** Each number on the page is the API's. */

let bot: StartedBot;
beforeAll(async () => {
  bot = await startWorld();
});
afterAll(closeBrowser);
afterAll(cleanUp);

const count = new Intl.NumberFormat("en-GB").format;
const ask = <T>(path: string): Promise<T> => data<T>(bot.url, path);

/** The cells of a table's rows, as they are read. */
async function rows(page: Page, table: string): Promise<string[][]> {
  const body = page.locator(`table[data-table="${table}"] tbody tr`);
  await body.first().waitFor();
  const all = await body.all();
  return Promise.all(all.map((row) => row.locator("th, td").allInnerTexts()));
}

async function column(page: Page, table: string, place: number): Promise<string[]> {
  return (await rows(page, table)).map((cells) => (cells[place] ?? "").trim());
}

/** The address once the period's numbers are there. */
async function stats(hash: string, period: string): Promise<Page> {
  const { page, complaints } = await view(`${bot.url}/${hash}`);
  await page.locator(`[data-period="${period}"]`).waitFor();
  expect(complaints).toEqual([]);
  return page;
}

async function totals(page: Page): Promise<Record<string, string>> {
  const tiles = await page.locator(".tile[data-total]").all();
  const entries = tiles.map(async (tile) => [
    await tile.getAttribute("data-total"),
    await tile.locator(".value").innerText(),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}

const written = (summary: StatsData["summary"]) =>
  Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, count(value)]));

describe("Now", () => {
  test("status, today, bots, channels and health are the API's", async () => {
    const { page, complaints } = await view(`${bot.url}/#/`);
    const status = await ask<StatusData>("/api/system/status");
    const tile = page.locator('[data-tile="status"]');
    await tile.waitFor();
    expect(await tile.innerText()).toContain(`botel ${status.version}`);
    expect(await tile.innerText()).toContain("onebot 3001 · connected");
    const { summary } = await ask<StatsData>("/api/stats?period=day");
    for (const [name, value] of Object.entries(summary)) {
      await page
        .locator(`[data-card="today"] [data-total="${name}"]`)
        .getByText(count(value), { exact: true })
        .waitFor();
    }
    const { channels } = await ask<ChannelsData>("/api/stats/channels");
    for (const { id, name, requests, errors } of channels) {
      const text = await page.locator(`[data-channel="${id}"]`).innerText();
      expect(text).toContain(name);
      expect(text).toContain(`${count(requests)} Requests`);
      expect(text).toContain(`${count(errors)} Errors`);
    }
    expect(await page.locator('[data-channel="spare"]').innerText()).toContain("failing");
    const { checks } = await ask<HealthData>("/api/system/health");
    expect(await page.locator('[data-card="health"]').innerText()).toContain(`${checks.channels.available} usable`);
    expect(await page.locator('[data-card="bots"]').innerText()).toContain("3001");
    expect(complaints).toEqual([]);
  });
});

describe("Statistics", () => {
  test.each(["day", "week", "month", "all"])("the totals of %s", async (period) => {
    const page = await stats(`#/stats?period=${period}`, period);
    const { summary } = await ask<StatsData>(`/api/stats?period=${period}`);
    expect(await totals(page)).toEqual(written(summary));
  });

  test("of a group, which is in the address; Back undoes it", async () => {
    const page = await stats("#/stats?period=month", "month");
    await page.getByRole("combobox").selectOption("765");
    await page.waitForURL(/groupId=765/);
    const { summary } = await ask<StatsData>("/api/stats?period=month&groupId=765");
    await page
      .locator('[data-total="totalMessages"]')
      .getByText(count(summary.totalMessages), { exact: true })
      .waitFor();
    expect(await totals(page)).toEqual(written(summary));
    await page.goBack();
    const all = await ask<StatsData>("/api/stats?period=month");
    await page
      .locator('[data-total="totalMessages"]')
      .getByText(count(all.summary.totalMessages), { exact: true })
      .waitFor();
  });

  test("the change against the period before is worked out of the days", async () => {
    const page = await stats("#/stats?period=week", "week");
    const { daily } = await ask<StatsData>("/api/stats?period=all");
    const sum = (from: number, to?: number) => daily.slice(from, to).reduce((all, { messages }) => all + messages, 0);
    const change = Math.round((sum(-7) / sum(-14, -7) - 1) * 1000) / 1000;
    const shown = page.locator('[data-total="totalMessages"] [data-change]');
    expect(Number(await shown.getAttribute("data-change"))).toBe(change);
    expect(await shown.innerText()).toContain("vs the 7 days before");
    // 21 days do not hold 30 and 30 before.
    const month = await stats("#/stats?period=month", "month");
    expect(await month.locator("[data-change]").count()).toBe(0);
  });

  test("the days as a table", async () => {
    const page = await stats("#/stats?period=week", "week");
    await page.getByText("The days as a table").click();
    const { daily } = await ask<StatsData>("/api/stats?period=week");
    const shown = (await rows(page, "daily")).map((cells) => cells.slice(1));
    expect(shown).toEqual(
      daily.toReversed().map((day) => [day.messages, day.responses, day.toolCalls, day.tokens].map((n) => count(n))),
    );
  });

  test("models, tools, channels, users and groups", async () => {
    const page = await stats("#/stats?period=all", "all");
    const { models } = await ask<ModelsData>("/api/stats/models");
    expect(await column(page, "models", 0)).toEqual(models.map(({ model }) => model));
    expect(await column(page, "models", 1)).toEqual(models.map(({ requests }) => count(requests)));
    expect(await column(page, "models", 2)).toEqual(models.map(({ tokens }) => count(tokens)));
    expect(await column(page, "models", 4)).toEqual(models.map(({ errors }) => count(errors)));
    const { tools } = await ask<ToolsData>("/api/stats/tools");
    expect(await column(page, "tools", 1)).toEqual(tools.map(({ calls }) => count(calls)));
    const { channels } = await ask<ChannelsData>("/api/stats/channels");
    expect(await column(page, "channels", 0)).toEqual(channels.map(({ name }) => name));
    expect(await column(page, "channels", 2)).toEqual(channels.map(({ requests }) => count(requests)));
    const { users } = await ask<UsersData>("/api/stats/users");
    expect(await column(page, "users", 1)).toEqual(users.map(({ messages }) => count(messages)));
    const { groups } = await ask<GroupsData>("/api/stats/groups");
    expect(await column(page, "groups", 1)).toEqual(groups.map(({ messages }) => count(messages)));
    expect(await column(page, "groups", 5)).toEqual(groups.map(({ activeUsers }) => count(activeUsers)));
  });

  test("a table is sorted by a click; users by what botel ranks", async () => {
    const page = await stats("#/stats?period=all", "all");
    const { models } = await ask<ModelsData>("/api/stats/models");
    const head = page.locator('table[data-table="models"]').getByRole("button", { name: "Model" });
    await head.click();
    expect(await column(page, "models", 0)).toEqual(models.map(({ model }) => model).toSorted());
    expect(await page.locator('table[data-table="models"] th[aria-sort]').getAttribute("aria-sort")).toBe("ascending");
    await head.click();
    expect(await column(page, "models", 0)).toEqual(
      models
        .map(({ model }) => model)
        .toSorted()
        .toReversed(),
    );

    const asked = page.waitForRequest(/stats\/users.*sort=tokens/);
    await page.locator('table[data-table="users"]').getByRole("button", { name: "Tokens" }).click();
    await asked;
    const { users } = await ask<UsersData>("/api/stats/users?sort=tokens");
    await page.locator('table[data-table="users"] th[aria-sort]').getByText("Tokens").waitFor();
    expect(await column(page, "users", 2)).toEqual(users.map(({ tokens }) => count(tokens)));
  });

  test("a table is saved as JSON and CSV, with nothing in it that a spreadsheet would run", async () => {
    const page = await stats("#/stats?period=all", "all");
    const { users } = await ask<UsersData>("/api/stats/users");
    const card = page.getByRole("region", { name: "Users" });
    await card.locator("tbody tr").first().waitFor();
    expect(JSON.parse((await saved(page, card, "JSON")).text)).toEqual(users);
    const csv = await saved(page, card, "CSV");
    expect(csv.name).toBe("botel-users-all.csv");
    const [head, ...lines] = csv.text.replace("\uFEFF", "").trim().split("\r\n");
    expect(head).toBe("userId,nickname,messages,tokens,lastActive");
    expect(lines).toHaveLength(users.length);
    expect(csv.text).toContain(",'=HYPERLINK(1),");
    expect(csv.text).toContain('"José, María"');
  });
});

async function saved(page: Page, within: Locator, as: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    within.getByRole("button", { name: `Download Users as ${as}` }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}
