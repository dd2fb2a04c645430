import { describe, expect, test } from "vitest";
import { statusData } from "../../src/contract/wire/system.ts";
import { memoryOf, readMemory } from "../../src/system/probes.ts";
import { NOON, beat, bot, catalog, created, messageFact, started, taken } from "./made.ts";

describe("GET /api/system/status", () => {
  // contract §4: "status, version, uptime, startTime, nodejs, memory{used,total,percentage}, bot{connected,platform,uin}"
  test("has the documented fields, and they are of this process", () => {
    const system = started();
    system.watch.pass(86_400_900);
    const status = system.status();
    expect(statusData.parse(status)).toEqual(status);
    // contract §4: "`version`: of the process that answers. `uptime` in s."
    expect(status).toMatchObject({ version: "1.5.0", uptime: 86_400, startTime: "2026-11-24T12:00:00Z" });
    expect(status.nodejs).toBe(process.version);
  });

  test("`status`: `starting`, `running`, `degraded` (a health check is `error`), `stopping`.", () => {
    const system = started({ hosted: true });
    expect(system.status().status).toBe("running");
    system.watch.pass(5001);
    expect(system.status().status).toBe("degraded");
    system.beat(beat());
    expect(system.status().status).toBe("running");
    system.stopping();
    expect(system.status().status).toBe("stopping");
    system.ready();
    expect(system.status().status).toBe("stopping");
  });

  test("is `starting` until it serves, and `stopping` as soon as the bot's thread says so", () => {
    const system = created({ hosted: true });
    expect(system.status().status).toBe("starting");
    system.ready();
    expect(system.status().status).toBe("running");
    system.beat(beat({ stopping: true }));
    expect(system.status().status).toBe("stopping");
  });

  // contract §4: "`memory.used` = process RSS, `total` = the memory it may use (cgroup limit, else the machine's), bytes;
  // `percentage` one decimal."
  test("memory is of the process, and of what it may use", () => {
    const { used, total, percentage } = readMemory();
    expect(used).toBeGreaterThan(20_000_000);
    expect(total).toBeGreaterThan(used);
    expect(percentage).toBe(Math.round((used / total) * 1000) / 10);
    expect(memoryOf(256e6, 512e6, 8e9)).toEqual({ used: 256e6, total: 512e6, percentage: 50 });
    expect(memoryOf(1e9, 0, 8e9)).toEqual({ used: 1e9, total: 8e9, percentage: 12.5 });
    expect(memoryOf(1e9, 2 ** 63, 3e9)).toEqual({ used: 1e9, total: 3e9, percentage: 33.3 });
  });

  test("a demo says that it is one", () => {
    expect(started().status().demo).toBe(false);
    expect(started({ demo: true }).status().demo).toBe(true);
  });
});

describe("the bot of the status", () => {
  test("`bot`: the connected one that connected last; `uin` = `bot.id`.", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.pass(1000);
    system.changes([], [bot("2", true, { platform: "qq" })]);
    system.watch.pass(1000);
    system.changes([], [bot("1", true)]);
    expect(system.status().bot).toEqual({ connected: true, platform: "qq", uin: "2" });
    system.changes([], [bot("1", false)]);
    system.watch.pass(1000);
    system.changes([], [bot("1", true)]);
    expect(system.status().bot).toEqual({ connected: true, platform: "onebot", uin: "1" });
  });

  test("where none is connected, the one that was last, `connected: false`;", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.pass(1000);
    system.changes([], [bot("2", true)]);
    system.changes([], [bot("2", false)]);
    system.watch.pass(1000);
    system.changes([], [bot("1", false)]);
    system.watch.pass(1000);
    system.changes([], [bot("2", false), bot("3", false)]);
    expect(system.status().bot).toEqual({ connected: false, platform: "onebot", uin: "1" });
  });

  test("where none is known, `false` and two nulls.", () => {
    expect(started().status().bot).toEqual({ connected: false, platform: null, uin: null });
  });

  test("Extra: `bots[]`, all of them, with version (`service.version`) and last seen", () => {
    const system = started();
    system.changes([], [bot("2", true, { version: "3.1.4" })]);
    system.watch.pass(1000);
    system.changes(taken(messageFact({ botId: "1", platform: undefined, timeMs: NOON + 500 })), [bot("3", false)]);
    expect(system.status().bots).toEqual([
      { uin: "1", platform: null, connected: true, version: null, lastSeen: "2026-11-24T12:00:00Z" },
      { uin: "2", platform: "onebot", connected: true, version: "3.1.4", lastSeen: "2026-11-24T12:00:00Z" },
      { uin: "3", platform: "onebot", connected: false, version: null, lastSeen: "2026-11-24T12:00:01Z" },
    ]);
  });

  test("ids that are names of Object.prototype are but ids", () => {
    const system = started();
    system.changes([], [bot("__proto__", true), bot("constructor", false)]);
    expect(system.status().bots.map(({ uin, connected }) => [uin, connected])).toEqual([
      ["__proto__", true],
      ["constructor", false],
    ]);
  });
});

describe("state events (contract §9)", () => {
  test("a bot that has sent none for 90 s is not connected.", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.pass(89_999);
    expect(system.status().bot.connected).toBe(true);
    system.watch.pass(1);
    expect(system.status().bot).toEqual({ connected: false, platform: "onebot", uin: "1" });
    system.changes([], [bot("1", true, { timeMs: NOON + 90_000 })]);
    expect(system.status().bot.connected).toBe(true);
  });

  test("an announced bot is not kept connected by its messages", () => {
    const system = started();
    system.changes([], [bot("10001", true)]);
    system.watch.pass(90_000);
    system.changes(taken(messageFact({ timeMs: NOON + 90_000 })), []);
    expect(system.status().bot.connected).toBe(false);
  });

  test("A bot known only by its messages counts as connected for 90 s after one, and never fails health.", () => {
    const system = started();
    system.changes(taken(messageFact()), []);
    system.watch.pass(89_999);
    expect(system.status().bot).toEqual({ connected: true, platform: "onebot", uin: "10001" });
    expect(system.health().checks.bot.status).toBe("ok");
    system.watch.pass(1);
    expect(system.status().bot.connected).toBe(false);
    expect(system.health().checks.bot.status).toBe("ok");
  });

  test("a message of long ago, and a join, say nothing of now", () => {
    const system = started();
    system.changes(taken(messageFact({ timeMs: NOON - 90_000 })), []);
    system.changes([{ fact: messageFact({ botId: "2" }), before: 0 }], []);
    expect(system.status().bots.map(({ uin, connected }) => [uin, connected])).toEqual([["10001", false]]);
  });

  test("an event that was overtaken by a newer one of its sender changes nothing; clocks of two senders differ", () => {
    const system = started();
    system.changes([], [bot("1", false, { service: "a", timeMs: NOON + 1 })]);
    system.changes([], [bot("1", true, { service: "a", timeMs: NOON })]);
    expect(system.status().bot.connected).toBe(false);
    system.changes([], [bot("1", true, { service: "b", timeMs: NOON - 3_600_000 })]);
    expect(system.status().bot.connected).toBe(true);
  });

  test("what an earlier start knew is known again, as old as it is", () => {
    const system = started();
    const known = { ...bot("1", true), lastSeenMs: NOON - 30_000, connectedAtMs: NOON - 60_000 };
    const gone = { ...bot("2", true), lastSeenMs: NOON - 120_000, connectedAtMs: NOON - 130_000 };
    const silent = { ...bot("3", true, { timeMs: NOON - 10_000 }), lastSeenMs: NOON, byMessages: true };
    system.hello(catalog({ bots: { 1: known, 2: gone, 3: silent } }), []);
    const connected = () => system.status().bots.map((row) => row.connected);
    expect(connected()).toEqual([true, false, true]);
    system.changes([], [bot("1", false, { timeMs: NOON + 1 })]);
    system.hello(catalog({ bots: { 1: known } }), []);
    expect(connected()).toEqual([false, false, true]);
    system.changes([], [bot("1", true, { service: "new", timeMs: NOON - 10_000 })]);
    system.hello(catalog({ bots: { 1: { ...known, connected: false } } }), []);
    expect(connected()).toEqual([true, false, true]);
    system.watch.pass(90_000);
    expect(connected()).toEqual([false, false, false]);
    expect(system.health().checks.bot.status).toBe("error");
  });

  test("a flood of bots is bounded, and the bot that is heard stays", () => {
    const system = started();
    for (let n = 0; n < 1500; n += 1) {
      system.watch.pass(1);
      system.changes([], [bot("0", true, { timeMs: NOON + n }), bot(`x${n}`, true, { timeMs: NOON + n })]);
    }
    expect(system.status().bots).toHaveLength(1000);
    expect(system.status().bots[0]?.uin).toBe("0");
    expect(system.inside().forgotten).toBe(501);
  });
});
