import { BotelError } from "../../contract/errors.ts";

/** SQLite's primary result codes that botel tells apart. */
const [BUSY, LOCKED, CORRUPT, FULL, CANTOPEN, NOTADB] = [5, 6, 11, 13, 14, 26];

/** What a user can do about them. */
const SENTENCES: Record<number, string> = {
  [BUSY]: "is locked by another process: stop what writes in it beside botel",
  [LOCKED]: "is locked by another process: stop what writes in it beside botel",
  8: "cannot be written: give botel's user write permission on it and on its folder, or mount the disk for writing",
  10: "cannot be read or written: check the disk",
  [CORRUPT]: "is damaged: a start of botel moves it aside and salvages what can be read",
  [FULL]: "cannot grow, the disk is full: make room; nothing that was acknowledged is lost",
  [CANTOPEN]: "cannot be opened: check that its folder exists and that botel's user may write there",
  [NOTADB]: "is no SQLite database: a start of botel moves it aside and salvages what can be read",
};

/** @returns SQLite's own errors as a {@link BotelError} UNAVAILABLE that says what to do; others as they are. */
export function asUnavailable(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof BotelError) return error;
  const what = SENTENCES[code] ?? `refused the work (${(error as Error).message})`;
  return new BotelError("UNAVAILABLE", `The database ${file} ${what}.`, { cause: error });
}

/** Runs the work; SQLite's errors come out as {@link asUnavailable} makes them. */
export function guarded<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asUnavailable(error, file);
  }
}

/** Whether the file holds what SQLite did not write; to a new connection one that was cut to nothing is empty. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === CORRUPT || code === NOTADB || /no such table/.test(String(error));
}

/** Whether there is no room on the disk. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === FULL;
}

/** Whether the file, or one beside it, can be neither opened nor made. */
export function isUnopenable(error: unknown): boolean {
  return codeOf(error) === CANTOPEN;
}

/** Whether somebody else holds the file. */
export function isLocked(error: unknown): boolean {
  const code = codeOf(error);
  return code === BUSY || code === LOCKED;
}

/** SQLite's primary result code, of its own error or of the one that was made from it. */
function codeOf(error: unknown): number | undefined {
  const { errcode, cause } = (error ?? {}) as { errcode?: unknown; cause?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  return cause === undefined ? undefined : codeOf(cause);
}
