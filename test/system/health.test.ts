import { describe, expect, test } from "vitest";
import { healthData, infoData } from "../../src/contract/wire/system.ts";
import type { Failing } from "../../src/system/channels.ts";
import { NOON, beat, bot, catalog, channel, inventory, started } from "./made.ts";

describe("GET /api/system/health", () => {
  // contract §4: "healthy, checks{database{status,latency}, bot{status}, channels{status,available}}"
  test("each `status` is `ok`, `error` or `disabled` (none is known).", () => {
    const system = started();
    const health = system.health();
    expect(healthData.parse(health)).toEqual(health);
    expect(health).toEqual({
      healthy: true,
      checks: {
        database: { status: "ok", latency: 0 },
        bot: { status: "disabled" },
        channels: { status: "disabled", available: 0 },
      },
      facts: expect.objectContaining({ taken: 0, refused: {} }),
    });
  });

  // issue 5: "Self-measure: taken, refused by reason, duplicate, late, unjoined, unfinished, queue, store latency, …"
  test("what botel counts of its own work is an extra", () => {
    const otlp = { requests: { 200: 5, 503: 1 }, refused: { invalid_id: 2 }, waiting: 1, waitingBytes: 99 };
    const system = started({ otlp: () => otlp });
    const store = {
      taken: { request: 3, log: 4 },
      refused: { invalid_id: 1, too_old: 4 },
      duplicates: 5,
      excluded: 2,
      late: 6,
    };
    system.storeHealth({ ...store, joined: 7, unjoined: 8, shed: {}, commits: 1, lastCommitMs: 1, bytes: 1 });
    system.beat(beat({ unfinished: 9, dropped: { log: 7, tool: 3 }, queued: 11, refused: { too_old: 1 } }));
    expect(healthData.parse(system.health()).facts).toEqual({
      taken: 7,
      refused: { invalid_id: 3, too_old: 5 },
      duplicates: 5,
      excluded: 2,
      late: 6,
      joined: 7,
      unjoined: 8,
      unfinished: 9,
      dropped: 10,
      queued: 11,
      otlp: { waiting: 1, waitingBytes: 99, answers: { 200: 5, 503: 1 } },
    });
  });

  test("`latency` in ms of a real write and read of the store, made at most every 5 s.", () => {
    const system = started();
    for (let second = 0; second < 12; second += 1) {
      system.tick();
      system.latency(4.6);
      system.watch.pass(1000);
    }
    expect(system.probes()).toBe(3);
    expect(system.health().checks.database).toEqual({ status: "ok", latency: 5 });
    system.latency(undefined);
    expect(system.health()).toMatchObject({ healthy: false, checks: { database: { status: "error", latency: 5 } } });
  });

  test("a store that does not answer is an error, until one that was started anew does", () => {
    const system = started();
    system.tick();
    system.watch.pass(10_001);
    system.tick();
    expect(system.probes()).toBe(1);
    expect(system.health().checks.database.status).toBe("error");
    system.hello(catalog(), []);
    system.tick();
    expect(system.probes()).toBe(2);
    system.latency(1);
    expect(system.health().checks.database).toEqual({ status: "ok", latency: 1 });
  });

  // contract §4: "`bot`: `error` if every announced bot is away, or the bot's own thread has not beaten for 5 s."
  test("`bot`: `error` if every announced bot is away", () => {
    const system = started();
    system.changes([], [bot("1", false), bot("2", true)]);
    expect(system.health().checks.bot.status).toBe("ok");
    system.changes([], [bot("2", false)]);
    expect(system.health()).toMatchObject({ healthy: false, checks: { bot: { status: "error" } } });
  });

  test("or the bot's own thread has not beaten for 5 s.", () => {
    const system = started({ hosted: true });
    system.changes([], [bot("1", true)]);
    system.watch.pass(5000);
    expect(system.health().checks.bot.status).toBe("ok");
    system.watch.pass(1);
    expect(system.health().checks.bot.status).toBe("error");
    system.beat(beat());
    expect(system.health().checks.bot.status).toBe("ok");
  });

  test("a process of its own has no beat to miss", () => {
    const system = started();
    system.watch.pass(60_000);
    expect(system.health().checks.bot.status).toBe("disabled");
  });

  test("`channels`: `ok` if `available` (not `error`, not `disabled`) ≥ 1.", () => {
    const system = started({ failing: () => new Map([["seen", false]]) });
    system.changes([], [channel("a", "error"), channel("b", "disabled")]);
    expect(system.health().checks.channels).toEqual({ status: "ok", available: 1 });
    system.changes([], [channel("seen", "error")]);
    expect(system.health()).toMatchObject({ healthy: false, checks: { channels: { status: "error", available: 0 } } });
  });
});

describe("GET /api/system/info", () => {
  // contract §4: "version, platform, arch, nodejs, features{mcp,memory,galgame}, adapters, mcpServers, totalTools"
  test("of no bot: what is known of this process, and the three named features off", () => {
    const info = started().info();
    expect(infoData.parse(info)).toEqual(info);
    expect(info).toEqual({
      version: "1.5.0",
      platform: process.platform,
      arch: process.arch,
      nodejs: process.version,
      features: { mcp: false, memory: false, galgame: false },
      adapters: [],
      mcpServers: 0,
      totalTools: 0,
    });
  });

  // contract §4: "what is really on, of the bots heard in the last 90 s: features (union; the three named ones always
  // there), adapters that have a channel (union), connected MCP servers and callable tools (sums)"
  test("what is really on, of the bots heard in the last 90 s", () => {
    const system = started();
    const first = { features: ["mcp", "voice"], adapters: ["openai"], mcpServers: 1, tools: 5 };
    system.changes([], [inventory("a", first), inventory("b", { ...first, features: ["memory"], tools: 60 })]);
    system.changes([], [channel("gemini", "active", { adapter: "gemini" })]);
    expect(system.info()).toMatchObject({
      features: { mcp: true, memory: true, galgame: false, voice: true },
      adapters: ["gemini", "openai"],
      mcpServers: 2,
      totalTools: 65,
    });
    system.watch.pass(60_000);
    system.changes([], [inventory("b", { timeMs: NOON + 60_000, tools: 7 })]);
    system.watch.pass(30_000);
    expect(system.info()).toMatchObject({ features: { mcp: false }, adapters: [], mcpServers: 0, totalTools: 7 });
  });

  test("a feature named like a property of Object.prototype is but a name", () => {
    const system = started();
    system.changes([], [inventory("a", { features: ["__proto__", "constructor"] })]);
    expect(Object.keys(system.info().features)).toEqual(["mcp", "memory", "galgame", "__proto__", "constructor"]);
    expect(JSON.parse(JSON.stringify(system.info().features))).toHaveProperty("constructor", true);
  });
});

describe("GET /api/stats/channels", () => {
  const used = { requests: 10, errors: 1, avgLatency: 250, lastUsedMs: NOON };
  const configured = [
    { id: "main", name: "Main", enabled: true },
    { id: "off", enabled: false },
  ];

  test("every configured or announced (§9) channel, used or not, and every other one seen; by requests, ties by id.", () => {
    const system = started({ channels: configured, failing: () => new Map([["seen", false]]) });
    system.changes([], [channel("told", "active", { name: "Told" })]);
    const rows = system.channels([{ id: "seen", ...used }]);
    expect(rows.map(({ id }) => id)).toEqual(["seen", "main", "off", "told"]);
    expect(rows[0]).toEqual({
      id: "seen",
      name: "seen",
      status: "active",
      requests: 10,
      errors: 1,
      avgLatency: 250,
      lastUsed: "2026-11-24T12:00:00Z",
    });
    // contract §4: "`name` falls back to the id; `lastUsed` within the selection, null if never"
    const unused = { requests: 0, errors: 0, avgLatency: 0, lastUsed: null };
    expect(rows[1]).toEqual({ id: "main", name: "Main", status: "active", ...unused });
    expect(rows.slice(2).map(({ name, status }) => [name, status])).toEqual([
      ["off", "disabled"],
      ["Told", "active"],
    ]);
  });

  test("ties by id are in code-point order", () => {
    const ids = ["\uFF5E", "\u{1F600}", "a", "B"];
    const system = started({ failing: () => new Map(ids.map((id) => [id, false])) });
    expect(system.channels([]).map(({ id }) => id)).toEqual(["B", "a", "\uFF5E", "\u{1F600}"]);
  });

  // contract §4: "`status`: as announced in the last 90 s (`disabled` stays until announced otherwise); else `error`
  // where its 5 newest requests (of all time) all failed, else `active`."
  test("`status`: as announced in the last 90 s (`disabled` stays until announced otherwise)", () => {
    const failing: Failing = new Map([
      ["a", true],
      ["b", false],
      ["c", true],
    ]);
    const system = started({ failing: () => failing });
    const statuses = () => Object.fromEntries(system.channels([]).map(({ id, status }) => [id, status]));
    expect(statuses()).toEqual({ a: "error", b: "active", c: "error" });
    system.changes([], [channel("a", "active"), channel("b", "error"), channel("c", "disabled")]);
    expect(statuses()).toEqual({ a: "active", b: "error", c: "disabled" });
    system.watch.pass(90_000);
    expect(statuses()).toEqual({ a: "error", b: "active", c: "disabled" });
    system.changes([], [channel("c", "active", { timeMs: NOON + 90_000 })]);
    expect(statuses()).toEqual({ a: "error", b: "active", c: "active" });
  });

  test("while the newest requests are being read, the last answer holds", async () => {
    const answers: (Failing | Promise<Failing>)[] = [new Map([["a", true]])];
    const system = started({ failing: () => answers[0]! });
    const status = () => system.channels([])[0]?.status;
    expect(status()).toBe("error");
    answers[0] = Promise.reject(new Error("away"));
    expect(status()).toBe("error");
    answers[0] = Promise.resolve(new Map([["a", false]]));
    expect(status()).toBe("error");
    await answers[0];
    expect(status()).toBe("active");
  });
});
