import { BotelError } from "../../contract/errors.ts";

/** SQLite's primary result codes that a user can do something about. */
const SENTENCES: Record<number, string> = {
  5: "is locked by another process: stop the other botel that uses this data folder",
  6: "is locked by another process: stop the other botel that uses this data folder",
  8: "cannot be written: give botel's user write permission on it and on its folder",
  10: "cannot be read or written: check the disk",
  11: "is damaged: move it aside and start again, or restore a copy",
  13: "cannot grow, the disk is full: make room; nothing that was acknowledged is lost",
  14: "cannot be opened: check that its folder exists and that botel's user may write there",
  26: "is no SQLite database: move it aside and start again",
};

/** @returns SQLite's own errors as a {@link BotelError} UNAVAILABLE that says what to do; others as they are. */
export function asUnavailable(error: unknown, file: string): unknown {
  const code = (error as { errcode?: number }).errcode;
  if (typeof code !== "number") return error;
  const what = SENTENCES[code & 0xff] ?? `refused the work (${(error as Error).message})`;
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
