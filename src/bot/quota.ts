import type { BotSettings, GroupSettings } from "../config/settings.ts";
import type { Calendar } from "../lib/calendar.ts";

/** Groups and people whose use of the day is kept at the most; those that were quiet for longest begin anew. */
const MAX_KEPT = 20_000;

/** What was used on one day: `[id, answers]`, for a file. */
export interface Spent {
  day: number;
  groups: [string, number][];
  users: [string, number][];
}

export interface QuotaOptions extends Pick<BotSettings, "limits" | "groups"> {
  calendar: Pick<Calendar, "dayOf">;
  /** Epoch ms. */
  now: () => number;
  /** Of an earlier run; of another day it counts for nothing. */
  spent?: Spent;
}

/** How much of a day's answers is used; a limit of 0 is none. */
export interface Use {
  used: number;
  limit: number;
}

/** The answers that a group and a person may have on one calendar day. */
export interface Quota {
  /** Of a private chat there is no group. */
  use(groupId: string | undefined, userId: string): { group?: Use; user: Use };
  /** An answer was given. */
  spend(groupId: string | undefined, userId: string): void;
  spent(): Spent;
}

export function createQuota({ limits, groups: own, calendar, now, spent }: QuotaOptions): Quota {
  let day = spent?.day;
  const groups = new Map(spent?.groups);
  const users = new Map(spent?.users);

  function today(): number {
    const current = calendar.dayOf(now());
    if (current !== day) {
      day = current;
      groups.clear();
      users.clear();
    }
    return current;
  }

  return {
    use(groupId, userId) {
      today();
      const user = { used: users.get(userId) ?? 0, limit: limits.userAnswersPerDay };
      if (groupId === undefined) return { user };
      const limit = groupOf(own, groupId)?.answersPerDay ?? limits.groupAnswersPerDay;
      return { group: { used: groups.get(groupId) ?? 0, limit }, user };
    },
    spend(groupId, userId) {
      today();
      count(users, userId);
      if (groupId !== undefined) count(groups, groupId);
    },
    spent: () => ({ day: today(), groups: [...groups], users: [...users] }),
  };
}

/** What is set for a group of its own. */
export function groupOf(groups: BotSettings["groups"], groupId: string): GroupSettings | undefined {
  return Object.hasOwn(groups, groupId) ? groups[groupId] : undefined;
}

export function isSpent({ used, limit }: Use): boolean {
  return limit > 0 && used >= limit;
}

function count(counts: Map<string, number>, id: string): void {
  const used = counts.get(id) ?? 0;
  counts.delete(id);
  counts.set(id, used + 1);
  for (const oldest of counts.keys()) {
    if (counts.size <= MAX_KEPT) break;
    counts.delete(oldest);
  }
}
