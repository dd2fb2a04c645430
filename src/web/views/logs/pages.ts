/** Lines, newest first, and where the next older page begins; null where there is none. */
export interface Page<Row> {
  rows: readonly Row[];
  next: string | null;
  /** Number of the first line: the number of each stays the same when others come before or after it. */
  top: number;
}

/** A page that has no line in common with what is held gets numbers that none of those had. */
export function replaced<Row>(held: Page<Row>, by: Page<Row>): Page<Row> {
  return { ...by, top: held.top - 1_000_000 };
}

/**
 * Puts the newest page in front of what is held: what both have is there once.
 *
 * @returns the newest page alone where less than half of it is held, or it no longer agrees with what is; `held` itself
 * where nothing is new
 */
export function mergeNewest<Row>(held: Page<Row>, newest: Page<Row>): Page<Row> {
  if (newest.next === null && held.next !== null) return replaced(held, newest);
  const [mine, theirs] = [texts(held.rows.slice(0, newest.rows.length)), texts(newest.rows)];
  const added = theirs.findIndex((_, place) => agrees(mine, theirs, place));
  if (added < 0) return held.rows.length === 0 && newest.rows.length === 0 ? held : replaced(held, newest);
  if (added === 0 && held.rows.length >= newest.rows.length) return held;
  const rest = held.rows.slice(newest.rows.length - added);
  const next = rest.length > 0 ? held.next : newest.next;
  return { rows: [...newest.rows, ...rest], next, top: held.top - added };
}

function texts(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row));
}

/** Whether from `place` on the newest lines are those that are held. */
function agrees(mine: readonly string[], theirs: readonly string[], place: number): boolean {
  const both = Math.min(mine.length, theirs.length - place);
  for (let i = 0; i < both; i += 1) if (mine[i] !== theirs[place + i]) return false;
  // A few lines may be equal by chance.
  return both >= Math.min(mine.length, Math.ceil(theirs.length / 2)) && both > 0;
}
