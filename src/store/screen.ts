import type { Fact, OwnerKind } from "../contract/fact.ts";
import { scrub } from "./scrub.ts";

/** Whose facts are not kept, and under which ids all others are. */
export interface PrivacyOptions {
  excludeUsers: readonly string[];
  excludeGroups: readonly string[];
  /** Absent: ids stay as they are, and names are kept. */
  pseudonymOf?: (kind: OwnerKind, id: string) => string;
}

/** What each new fact passes before anything is decided about it. */
export interface Screen {
  /**
   * Gives the fact, a copy that is nobody else's, the ids that it is kept under; where they are others than its own, its
   * texts too, and no names.
   *
   * @returns false where its own user or group is excluded
   */
  pass(fact: Fact): boolean;
  /** From now on facts of that time (epoch ms) or earlier are the tombstone's; until the clock says `untilMs`. */
  bury(kind: OwnerKind, id: string, tombstone: string, beforeMs: number, untilMs: number): void;
  /** Forgets what was buried long enough ago. */
  expire(nowMs: number): void;
}

interface Buried {
  tombstone: string;
  beforeMs: number;
  untilMs: number;
}

export function createScreen(options: PrivacyOptions): Screen {
  const { pseudonymOf } = options;
  const excluded = { user: new Set(options.excludeUsers), group: new Set(options.excludeGroups) };
  const buried = { user: new Map<string, Buried>(), group: new Map<string, Buried>() };
  const excludes = excluded.user.size + excluded.group.size > 0;

  /** @returns the id that it is kept under; undefined where it is excluded */
  function keptId(kind: OwnerKind, id: string, timeMs: number): string | undefined {
    if (excluded[kind].has(id)) return undefined;
    const kept = pseudonymOf === undefined ? id : pseudonymOf(kind, id);
    // Who has a pseudonym may be excluded by it: it is all that botel shows of them.
    if (excluded[kind].has(kept)) return undefined;
    const grave = buried[kind].get(kept);
    return grave !== undefined && timeMs <= grave.beforeMs ? grave.tombstone : kept;
  }

  function screen(fact: Fact): boolean {
    const { userId, groupId, timeMs } = fact;
    const user = userId === undefined ? "" : keptId("user", userId, timeMs);
    const group = groupId === undefined ? "" : keptId("group", groupId, timeMs);
    if (user === undefined || group === undefined) return false;
    const replaced = new Map<string, string>();
    if (userId !== undefined && user !== userId) {
      replaced.set(userId, user);
      [fact.userId, fact.userName] = [user, undefined];
    }
    if (groupId !== undefined && group !== groupId) {
      replaced.set(groupId, group);
      [fact.groupId, fact.groupName] = [group, undefined];
    }
    // Attributes of a record may name an owner that the record itself does not have.
    if (replaced.size > 0 || pseudonymOf !== undefined) scrub(fact, replaced);
    return true;
  }

  return {
    pass(fact) {
      const isIdle = !excludes && pseudonymOf === undefined && buried.user.size + buried.group.size === 0;
      return isIdle || screen(fact);
    },
    bury: (kind, id, tombstone, beforeMs, untilMs) => void buried[kind].set(id, { tombstone, beforeMs, untilMs }),
    expire(nowMs) {
      for (const graves of [buried.user, buried.group]) {
        for (const [id, { untilMs }] of graves) if (untilMs < nowMs) graves.delete(id);
      }
    },
  };
}
