import type { DatabaseSync } from "node:sqlite";
import type { Forgotten, Whom } from "../../contract/thread.ts";
import type { Screen } from "../screen.ts";
import type { ForgetOptions, ForgetStep } from "../store.ts";
import { JOIN_MS } from "../traces.ts";
import type { Traces } from "../traces.ts";
import type { Appender } from "./append.ts";
import type { Eraser, Grave } from "./forget.ts";
import { emptyLog, scour } from "./scour.ts";
import type { Transact } from "./transact.ts";

interface Parts {
  db: DatabaseSync;
  file: string;
  transact: Transact;
  eraser: Eraser;
  appender: Pick<Appender, "commit" | "commitAs">;
  screen: Screen;
  traces: Pick<Traces, "rename">;
  /** Under which ids somebody may be kept: the id, and its pseudonym where there are any. */
  idsOf: (whom: Whom) => string[];
}

/**
 * The way of somebody out: noted, so that a kill does not leave half of them; out of memory; out of the tables, step by
 * step; out of the file; and the note goes last.
 */
export function* forget(parts: Parts, whom: Whom, options: ForgetOptions): Generator<ForgetStep, Forgotten> {
  const { db, file, transact, eraser, appender, screen, traces, idsOf } = parts;
  const step = (voided: number[], alone: boolean): ForgetStep => ({ commit: appender.commit, voided, alone });
  const all = { facts: 0, texts: 0, names: 0 };
  const voided = new Set<number>();
  // What is deleted is overwritten, also where nothing else is written to its page.
  db.exec("PRAGMA secure_delete = ON");
  try {
    const graves = idsOf(whom).map((id) => transact(() => eraser.begin({ ...whom, id })));
    for (const grave of graves) {
      bury(screen, grave);
      traces.rename(grave.owner, grave.id, grave.tombstone);
      const steps = eraser.erase(grave, appender.commitAs);
      let taken = steps.next();
      for (; !taken.done; taken = steps.next()) yield step([], false);
      for (const name of ["facts", "texts", "names"] as const) all[name] += taken.value[name];
      for (const day of taken.value.voided) voided.add(day);
    }
    yield step([...voided], true);
    const ids = graves.map(({ id }) => id);
    const scouring = scour(db, file, ids, options.rewriteBytes ?? Infinity);
    let scoured = scouring.next();
    for (; !scoured.done; scoured = scouring.next()) yield step([], true);
    transact(() => {
      for (const grave of graves) eraser.end(grave);
    });
    for (const _ of emptyLog(db)) yield step([], true);
    const now = options.nowMs();
    for (const grave of graves) bury(screen, grave, now);
    return { ...all, days: voided.size, file: scoured.value };
  } finally {
    // A store that stops may be closed by now.
    if (db.isOpen) db.exec("PRAGMA secure_delete = FAST");
  }
}

/**
 * Until all is done, whatever comes of them is the tombstone's; afterwards, what is dated before the end and comes within
 * the time of joins: a turn that was under way.
 */
export function bury(screen: Screen, { owner, id, tombstone }: Grave, doneMs?: number): void {
  screen.bury(owner, id, tombstone, doneMs ?? Infinity, doneMs === undefined ? Infinity : doneMs + JOIN_MS);
}
