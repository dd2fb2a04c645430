import { GROUP, USER } from "../contract/fact.ts";
import type { OwnerKind, StoredFact } from "../contract/fact.ts";
import type { Fold } from "../contract/fold.ts";

/** Distinct users by messages (contract §4): its size is `activeUsers`. */
export const activeUsersFold = distinctFold("activeUsers", "user", USER, (fact) => fact.userId);

/** Distinct groups by messages (contract §4): its size is `activeGroups`. */
export const activeGroupsFold = distinctFold("activeGroups", "group", GROUP, (fact) => fact.groupId);

function distinctFold(
  name: string,
  owner: OwnerKind,
  needs: number,
  idOf: (fact: StoredFact) => string | undefined,
): Fold<Set<string>> {
  return {
    name,
    version: 1,
    needs,
    wholeOnly: false,
    zero: () => new Set(),
    add(state, fact) {
      const id = fact.kind === "message" ? idOf(fact) : undefined;
      if (id !== undefined) state.add(id);
    },
    merge(state, other) {
      for (const id of other) state.add(id);
    },
    encode: (state) => (state.size === 0 ? undefined : [...state].sort()),
    decode: (json) => new Set(json as string[]),
    absorb(state, json) {
      for (const id of json as string[]) state.add(id);
    },
    rename(state, kind, from, to) {
      if (kind === owner && state.delete(from)) state.add(to);
    },
    size: (state) => state.size,
  };
}
