/** What was changed in memory since the last commit, so that a commit that failed can be forgotten. */
export interface Journal {
  set<T extends object, K extends keyof T>(target: T, field: K, value: T[K]): void;
  push<T>(list: T[], value: T): void;
  put<K, V>(map: Map<K, V>, key: K, value: V): void;
  /** An entry that is put back comes last in the map's order. */
  drop<K, V>(map: Map<K, V>, key: K): void;
  /** Goes up with each {@link keep} and {@link undo}: what is new in this round need not be noted itself. */
  readonly round: number;
  /** How often it was undone. */
  readonly undone: number;
  /** The changes stay. */
  keep(): void;
  /** All is as it was after the last {@link keep}. */
  undo(): void;
}

const ABSENT = Symbol("absent");
/** A longer list is not kept for the next round. */
const KEPT_LENGTH = 60_000;

/** @returns an empty journal. */
export function createJournal(): Journal {
  // Triples of target, field or key, and the value before: flat and used again, because every fact writes some.
  let entries: unknown[] = [];
  let length = 0;
  let [round, undone] = [1, 0];

  function note(target: object, field: unknown, before: unknown): void {
    entries[length] = target;
    entries[length + 1] = field;
    entries[length + 2] = before;
    length += 3;
  }

  function keep(): void {
    if (length > KEPT_LENGTH) entries = [];
    length = 0;
    round += 1;
  }

  return {
    get round() {
      return round;
    },
    get undone() {
      return undone;
    },
    set(target, field, value) {
      note(target, field, target[field]);
      target[field] = value;
    },
    push(list, value) {
      note(list, "length", list.length);
      list.push(value);
    },
    put(map, key, value) {
      const before = map.get(key);
      note(map, key, before === undefined && !map.has(key) ? ABSENT : before);
      map.set(key, value);
    },
    drop(map, key) {
      note(map, key, map.get(key));
      map.delete(key);
    },
    keep,
    undo() {
      for (let at = length - 3; at >= 0; at -= 3) restore(entries[at], entries[at + 1], entries[at + 2]);
      undone += 1;
      keep();
    },
  };
}

function restore(target: unknown, field: unknown, before: unknown): void {
  if (!(target instanceof Map)) (target as Record<string, unknown>)[field as string] = before;
  else if (before === ABSENT) target.delete(field);
  else target.set(field, before);
}
