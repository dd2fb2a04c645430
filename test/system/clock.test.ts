import { describe, expect, test } from "vitest";
import { bot, catalog, messageFact, NOON, started, taken } from "./made.ts";

const HOUR_MS = 3_600_000;

function connected(system: ReturnType<typeof started>): boolean {
  return system.status().bot.connected;
}

describe.for([5, -5])("a clock that is set by %i hours", (hours) => {
  const moved = hours * HOUR_MS;

  test("leaves who is connected connected, and who falls silent is away after 90 s", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.set(moved);
    expect(connected(system)).toBe(true);
    system.watch.pass(89_000);
    expect(connected(system)).toBe(true);
    system.watch.pass(2000);
    expect(connected(system)).toBe(false);
  });

  test("does not keep a bot from being heard, whose clock is the same", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.set(moved);
    system.watch.pass(30_000);
    system.changes([], [bot("1", false, { timeMs: NOON + moved + 30_000 })]);
    expect(connected(system)).toBe(false);
    system.changes([], [bot("1", true, { timeMs: NOON + moved + 31_000 })]);
    expect(connected(system)).toBe(true);
    expect(system.status().bots).toMatchObject([
      { lastSeen: new Date(NOON + moved + 30_000).toISOString().replace(/\.\d+Z/, "Z") },
    ]);
  });

  test("changes no uptime, and a bot that is known by its messages goes on", () => {
    const system = started();
    system.changes(taken(messageFact({ timeMs: NOON, botId: "1" })), []);
    system.watch.pass(60_000);
    system.watch.set(moved);
    expect(system.status().uptime).toBe(60);
    system.watch.pass(60_000);
    expect(connected(system)).toBe(false);
    system.changes(taken(messageFact({ timeMs: NOON + moved + 120_000, botId: "1" })), []);
    expect(connected(system)).toBe(true);
    expect(system.status().uptime).toBe(120);
  });

  test("nor does what is read from the catalog again after it", () => {
    const system = started();
    system.changes([], [bot("1", true)]);
    system.watch.set(moved);
    const entry = { ...bot("1", true, { timeMs: NOON + moved }), lastSeenMs: NOON + moved };
    system.hello(catalog({ bots: { 1: entry } }), []);
    expect(connected(system)).toBe(true);
    system.watch.pass(91_000);
    expect(connected(system)).toBe(false);
  });
});

test("what a catalog says of a time to come was heard now at the latest", () => {
  const system = started();
  const ahead = NOON + 5 * HOUR_MS;
  system.hello(catalog({ bots: { 1: { ...bot("1", true, { timeMs: ahead }), lastSeenMs: ahead } } }), []);
  expect(connected(system)).toBe(true);
  system.watch.pass(91_000);
  expect(connected(system)).toBe(false);
});
