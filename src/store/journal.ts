/** What was changed in memory since the last commit, so that a commit that failed can be forgotten. */
export interface Journal {
  set<T extends object, K extends keyof T>(target: T, field: K, value: T[K]): void;
  push<T>(list: T[], value: T): void;
  put<K, V>(map: Map<K, V>, key: K, value: V): void;
  /** The changes stay. */
  keep(): void;
  /** All is as it was after the last {@link keep}. */
  undo(): void;
}

const ABSENT = Symbol("absent");

/** @returns an empty journal. */
export function createJournal(): Journal {
  // Triples of target, field or key, and the value before: flat, because every fact writes some.
  let entries: unknown[] = [];

  return {
    set(target, field, value) {
      entries.push(target, field, target[field]);
      target[field] = value;
    },
    push(list, value) {
      entries.push(list, "length", list.length);
      list.push(value);
    },
    put(map, key, value) {
      entries.push(map, key, map.has(key) ? map.get(key) : ABSENT);
      map.set(key, value);
    },
    keep() {
      entries = [];
    },
    undo() {
      for (let at = entries.length - 3; at >= 0; at -= 3) restore(entries[at], entries[at + 1], entries[at + 2]);
      entries = [];
    },
  };
}

function restore(target: unknown, field: unknown, before: unknown): void {
  if (!(target instanceof Map)) (target as Record<string, unknown>)[field as string] = before;
  else if (before === ABSENT) target.delete(field);
  else target.set(field, before);
}
