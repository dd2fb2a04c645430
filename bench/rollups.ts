// Folds and windows by themselves: a day folded, 90 days read cold and warm, changes added; CPU of the thread.
import { createCalendar } from "../src/lib/calendar.ts";
import type { StoredFact } from "../src/contract/fact.ts";
import type { EncodedSlice } from "../src/contract/thread.ts";
import { createDayFolder } from "../src/rollups/day.ts";
import { FOLDS } from "../src/rollups/folds.ts";
import { groupUsersFold, groupsFold, readGroups } from "../src/rollups/groups.ts";
import { readUsers, usersFold } from "../src/rollups/users.ts";
import type { WindowSource } from "../src/rollups/window.ts";
import { createWindows } from "../src/rollups/windows.ts";

const FIRST = 20_000;
const [DAYS, USERS, GROUPS] = [90, 5000, 300];

const calendar = createCalendar("Asia/Shanghai");
let random = 1;

export function run(args: readonly string[] = []): void {
  const factsPerDay = Number(args[0] ?? 11_000);
  const days = Array.from({ length: DAYS }, (_, i) => FIRST + i);
  const folded = days.map((day) => foldDay(day, factsPerDay));
  report("facts folded a second, one day", Math.round(factsPerDay / (median(folded.map(({ ms }) => ms)) / 1000)));
  report("JSON of a day, KB", Math.round(median(folded.map(({ blobs }) => total(blobs) / 1024))));

  const source = sourceOf(
    days,
    folded.map(({ blobs }) => blobs),
  );
  for (const fold of FOLDS) {
    const cold = Array.from({ length: 5 }, () =>
      timed(() => createWindows(source).state(fold, "", { to: FIRST + DAYS })),
    );
    report(`cold window of ${fold.name}, 90 days, ms`, median(cold));
  }
  const cold = timed(() => createWindows(source).state(usersFold, "g7", { to: FIRST + DAYS }));
  report("cold window of users of a group, ms", cold);
  warm(source, factsPerDay);
}

function warm(source: WindowSource, factsPerDay: number): void {
  const windows = createWindows(source);
  const all = { to: FIRST + DAYS };
  const users = windows.state(usersFold, "", all) as ReturnType<typeof usersFold.zero>;
  const groups = windows.state(groupsFold, "", all) as ReturnType<typeof groupsFold.zero>;
  const groupUsers = windows.state(groupUsersFold, "", all) as ReturnType<typeof groupUsersFold.zero>;
  report(
    "warm top 20 of users, ms",
    repeated(() => readUsers(users, "messages", 20)),
  );
  report(
    "warm top 1000 of users, ms",
    repeated(() => readUsers(users, "tokens", 1000)),
  );
  report(
    "warm groups, ms",
    repeated(() => readGroups(groups, groupUsers, "messages", 300)),
  );
  for (const from of [undefined, FIRST + DAYS - 1, FIRST + DAYS - 7, FIRST + DAYS - 30]) {
    for (const fold of FOLDS) {
      void windows.state(fold, "", { from, to: FIRST + DAYS });
      if (!fold.wholeOnly)
        for (let g = 0; g < GROUPS; g += 10) void windows.state(fold, `g${g}`, { from, to: FIRST + DAYS });
    }
  }
  const changes = facts(FIRST + DAYS - 1, factsPerDay).map((fact) => ({ fact, before: -1 }));
  const ms = timed(() => windows.apply(1, changes));
  report(
    "changes applied a second, all windows of everything and of 30 groups",
    Math.round(changes.length / (ms / 1000)),
  );
}

function foldDay(day: number, count: number): { ms: number; blobs: string[] } {
  const list = facts(day, count);
  const folder = createDayFolder(day);
  const ms = timed(() => {
    for (const fact of list) folder.add(fact);
  });
  return { ms, blobs: folder.encode().map((slice) => JSON.stringify(slice)) };
}

function sourceOf(days: number[], blobs: string[][]): WindowSource {
  const stored = new Map<string, { day: number; text: string }[]>();
  for (const [i, list] of blobs.entries()) {
    for (const text of list) {
      const { fold, selection, state } = JSON.parse(text) as EncodedSlice;
      const key = `${fold} ${selection}`;
      const rows = stored.get(key) ?? [];
      stored.set(key, rows);
      rows.push({ day: days[i] as number, text: JSON.stringify(state) });
    }
  }
  return {
    dayOf: calendar.dayOf,
    snapshot: (read) => read(),
    days: () => days.map((day) => ({ day, closed: true, commit: 0 })),
    blobs: (fold, selection, from, to) =>
      (stored.get(`${fold} ${selection}`) ?? [])
        .filter(({ day }) => day >= from && day <= to)
        .map(({ day, text }) => ({ day, commit: 0, version: 1, state: JSON.parse(text) })),
    requestDay: () => {},
  };
}

function facts(day: number, count: number): StoredFact[] {
  const start = calendar.startOf(day);
  return Array.from({ length: count }, (_, i): StoredFact => {
    const user = next(USERS);
    const base = {
      key: `${day}${i}`.padStart(48, "0"),
      timeMs: start + next(86_400_000),
      timeNs: next(1_000_000),
      traceId: "0".repeat(32),
      spanId: "0".repeat(16),
      userId: `${1_000_000_000 + user}`,
      groupId: next(4) === 0 ? undefined : `g${(user + next(3)) % GROUPS}`,
      row: i,
      counted: true,
      errorItem: false,
      durationNs: next(3_000_000_000),
      failed: next(30) === 0,
    };
    const kind = next(4);
    if (kind === 0) return { ...base, kind: "message", platform: "qq", responses: 1 };
    if (kind === 1) return { ...base, kind: "tool", tool: `tool${next(12)}` };
    return {
      ...base,
      kind: "request",
      operation: "chat",
      provider: "openai",
      model: `model${next(8)}`,
      channel: `channel${next(4)}`,
      inputTokens: next(4000),
      outputTokens: next(800),
      cachedTokens: 0,
      cacheCreationTokens: 0,
      reasoningTokens: 0,
      usageMissing: false,
    };
  });
}

/** A small seeded generator, so that two runs fold the same facts. */
function next(below: number): number {
  random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
  return (random >>> 8) % below;
}

/** CPU of this thread in ms, so that others on the machine do not count. */
function timed(work: () => unknown): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/** Of one of 200 in a row: too short to be measured alone. */
function repeated(work: () => unknown): number {
  const all = timed(() => {
    for (let i = 0; i < 200; i += 1) work();
  });
  return all / 200;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

function total(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += text.length;
  return bytes;
}

function report(what: string, value: number): void {
  console.log(`${what}: ${Number.isInteger(value) ? value : value.toFixed(2)}`);
}

if (import.meta.main) run(process.argv.slice(2));
