import { describe, expect, test } from "vitest";
import { readActive } from "../../src/active.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createDayStates } from "../../src/rollups/day.ts";
import { createWindows } from "../../src/rollups/windows.ts";
import { messageFact, taken, toolFact } from "../system/made.ts";

const calendar = createCalendar("Asia/Shanghai");
const MIDNIGHT = calendar.startOf(20_000);
const MINUTE = 60_000;

/** Windows over a store that has these facts, and folds each day when it is asked. */
function windowsOver(facts: readonly StoredFact[]) {
  const days = [...new Set(facts.map(({ timeMs }) => calendar.dayOf(timeMs)))].sort((a, b) => a - b);
  const windows = createWindows({
    snapshot: (read) => read(),
    days: () => days.map((day) => ({ day, closed: false, commit: 0 })),
    blobs: () => [],
    dayOf: calendar.dayOf,
    requestDay(day) {
      const states = createDayStates(day, []);
      for (const fact of facts) if (calendar.dayOf(fact.timeMs) === day) states.add(fact);
      queueMicrotask(() => windows.install(day, 1, states.encode()));
    },
  });
  windows.reset(1);
  return windows;
}

const at = (timeMs: number, userId: string, groupId?: string) => messageFact({ timeMs, userId, groupId });

describe("bot_active_users and bot_active_groups", () => {
  test("count distinct ones of the last 5 minutes, the last hour and today", async () => {
    const now = MIDNIGHT + 600 * MINUTE;
    const windows = windowsOver([
      at(now - MINUTE, "a", "g"),
      at(now - 2 * MINUTE, "a", "g"),
      at(now - 5 * MINUTE, "b"),
      at(now - 5 * MINUTE - 1, "c", "h"),
      at(now - 90 * MINUTE, "d", "i"),
      toolFact({ timeMs: now - MINUTE, userId: "e" }),
      at(now - 11 * 60 * MINUTE, "yesterday", "z"),
    ]);
    expect(await readActive(windows, calendar, now)).toEqual({
      users: { "5m": 3, "1h": 4, today: 4 },
      groups: { "5m": 1, "1h": 2, today: 3 },
    });
  });

  test("look across midnight, and count nobody twice for it", async () => {
    const now = MIDNIGHT + 10 * MINUTE;
    const windows = windowsOver([
      at(MIDNIGHT - 51 * MINUTE, "c"),
      at(MIDNIGHT - 50 * MINUTE, "b", "g"),
      at(MIDNIGHT - MINUTE, "a"),
      at(MIDNIGHT + MINUTE, "a"),
    ]);
    expect(await readActive(windows, calendar, now)).toEqual({
      users: { "5m": 0, "1h": 2, today: 1 },
      groups: { "5m": 0, "1h": 1, today: 0 },
    });
  });

  test("follow what comes", async () => {
    const windows = windowsOver([at(MIDNIGHT, "a")]);
    expect((await readActive(windows, calendar, MIDNIGHT)).users).toEqual({ "5m": 1, "1h": 1, today: 1 });
    windows.apply(2, taken(at(MIDNIGHT + 1, "b")));
    expect((await readActive(windows, calendar, MIDNIGHT + 1)).users).toEqual({ "5m": 2, "1h": 2, today: 2 });
  });
});
