import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BotState, ChannelState, Inventory } from "../../src/contract/state.ts";
import { openCatalog } from "../../src/store/catalog.ts";
import { message, NOW, request } from "./world.ts";

let folder: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "botel-catalog-"));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "catalog.json");
const open = (delayMs?: number) =>
  openCatalog({ file: file(), zone: "UTC", report: (line) => lines.push(line), delayMs });
const bot = (more: Partial<BotState> = {}): BotState => ({
  event: "bot.state",
  timeMs: NOW,
  botId: "b",
  connected: true,
  ...more,
});
const channel = (channelId: string, more: Partial<ChannelState> = {}): ChannelState => {
  return { event: "bot.channel.state", timeMs: NOW, channelId, status: "active", models: ["m"], ...more };
};
const inventory: Inventory = {
  event: "bot.inventory",
  timeMs: NOW,
  botId: "b",
  features: ["mcp"],
  adapters: [],
  mcpServers: 1,
  tools: 2,
};

describe("what is known of bots and channels is kept over a restart, readable by hand", () => {
  test("every kind of state", () => {
    const catalog = open();
    catalog.learn([bot({ version: "1.2.3" }), channel("c", { name: "Main" }), inventory], NOW + 5);
    const known = catalog.document;
    catalog.close();
    expect(open().document).toEqual(known);
    expect(known.bots["b"]).toMatchObject({
      connected: true,
      version: "1.2.3",
      lastSeenMs: NOW + 5,
      connectedAtMs: NOW,
    });
    expect(known.channels["c"]).toMatchObject({ name: "Main", status: "active" });
    expect(Object.values(known.inventories)).toMatchObject([{ tools: 2 }]);
    expect(readFileSync(file(), "utf8")).toContain('  "zone": "UTC",\n');
  });

  test("it is written some time after the first change, once for many", async () => {
    const catalog = open(20);
    for (let n = 0; n < 100; n++) catalog.learn([channel(`c${n}`)], NOW);
    expect(existsSync(file())).toBe(false);
    await vi.waitFor(() => expect(Object.keys(open().document.channels)).toHaveLength(100));
    expect(existsSync(`${file()}.bak`)).toBe(false);
    catalog.close();
  });

  test("nothing learned, nothing written", () => {
    const catalog = open();
    catalog.learn([], NOW);
    catalog.learnMessages([request({ span: 1, botId: "b" }), message({ span: 2 })], NOW);
    catalog.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("when a bot connected last: not when it only says so again, but when it was silent for 90 s", () => {
    const catalog = open();
    const connectedAt = () => catalog.document.bots["b"]?.connectedAtMs;
    catalog.learn([bot()], NOW);
    catalog.learn([bot({ timeMs: NOW + 30_000 })], NOW + 30_000);
    expect(connectedAt()).toBe(NOW);
    catalog.learn([bot({ timeMs: NOW + 200_000 })], NOW + 200_000);
    expect(connectedAt()).toBe(NOW + 200_000);
    catalog.learn([bot({ timeMs: NOW + 201_000, connected: false })], NOW + 201_000);
    expect(connectedAt()).toBe(NOW + 200_000);
    catalog.learn([bot({ timeMs: NOW + 202_000 })], NOW + 202_000);
    expect(connectedAt()).toBe(NOW + 202_000);
  });

  test("a state that was overtaken by a newer one changes nothing", () => {
    const catalog = open();
    catalog.learn([channel("c", { status: "error", timeMs: NOW + 1 }), channel("c", { status: "active" })], NOW + 2);
    expect(catalog.document.channels["c"]?.status).toBe("error");
  });

  test("a bot known only by its messages is marked as such until it announces itself", () => {
    const catalog = open();
    catalog.learnMessages([message({ span: 1, botId: "b", platform: "onebot" })], NOW);
    expect(catalog.document.bots["b"]).toMatchObject({
      byMessages: true,
      connected: true,
      platform: "onebot",
      lastSeenMs: NOW,
    });
    catalog.learn([bot({ connected: false })], NOW + 1);
    catalog.learnMessages([message({ span: 2, botId: "b", timeMs: NOW + 5 })], NOW + 5);
    expect(catalog.document.bots["b"]).toMatchObject({ connected: false, lastSeenMs: NOW + 1 });
    expect(catalog.document.bots["b"]).not.toHaveProperty("byMessages");
  });

  test("it is bounded in entries, in texts and in bytes, and no id is special", () => {
    const catalog = open();
    const long = "x".repeat(100_000);
    catalog.learn([channel("__proto__", { name: long, models: Array.from({ length: 5000 }, () => long) })], NOW);
    for (let n = 0; n < 2000; n++)
      catalog.learn(
        [channel(`c${n}`, { name: long, models: Array.from({ length: 99 }, () => "model-of-some-length") })],
        NOW + 1 + n,
      );
    catalog.learn([channel("__proto__")], NOW + 9000);
    catalog.close();
    expect(readFileSync(file()).length).toBeLessThan(1_000_000);
    const { channels } = open().document;
    expect(Object.keys(channels)).toHaveLength(500);
    expect(Object.keys(channels)).toEqual(expect.arrayContaining(["c1999", "__proto__"]));
  });
});

describe("a damaged file is moved aside and told", () => {
  const damaged = [
    "",
    "{",
    "null",
    '"text"',
    '{"version":2,"zone":"UTC","bots":{},"channels":{},"inventories":{}}',
    '{"version":1,"zone":"UTC"}',
  ];

  test.for(damaged)("%s", (content) => {
    writeFileSync(file(), content);
    const catalog = open();
    expect(catalog.document.bots).toEqual({});
    expect(readFileSync(`${file()}.damaged`, "utf8")).toBe(content);
    expect(lines.join()).toContain(`${file()}.damaged`);
    catalog.learn([bot()], NOW);
    catalog.close();
    expect(Object.keys(open().document.bots)).toEqual(["b"]);
  });

  test("the version before it is taken", () => {
    const catalog = open();
    catalog.learn([bot()], NOW);
    catalog.flush();
    catalog.learn([channel("c")], NOW);
    catalog.flush();
    writeFileSync(file(), "{");
    expect(Object.keys(open().document.bots)).toEqual(["b"]);
    expect(lines).toHaveLength(1);
  });

  test("entries that are none are left out", () => {
    const entries = { good: { ...bot(), lastSeenMs: NOW }, bad: null, worse: { event: "bot.state", lastSeenMs: "x" } };
    writeFileSync(file(), JSON.stringify({ version: 1, zone: "UTC", bots: entries, channels: {}, inventories: {} }));
    expect(Object.keys(open().document.bots)).toEqual(["good"]);
  });

  test("a file that cannot be written is told, and the bot goes on", () => {
    const catalog = openCatalog({
      file: join(folder, "missing", "catalog.json"),
      zone: "UTC",
      report: (line) => lines.push(line),
    });
    catalog.learn([bot()], NOW);
    catalog.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("cannot be written");
  });
});
