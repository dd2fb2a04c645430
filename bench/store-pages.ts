import type { FactReader, Page } from "../src/store/reader.ts";

type Before = { timeMs: number; timeNs: number } | undefined;
type Read = (before: Before) => Page<unknown>;

/** Reads of one question. */
const TIMES = 60;

/** Every list with every filter, from the newest and from `middleMs` on. @returns the slowest read, ms */
export function timePages(reader: FactReader, middleMs: number): number {
  let slowest = 0;
  for (const [name, read] of questions(reader)) {
    for (const before of [undefined, { timeMs: middleMs, timeNs: 0 }]) {
      const times = Array.from({ length: TIMES }, () => time(() => read(before))).toSorted((a, b) => a - b);
      const last = times.at(-1) ?? 0;
      slowest = Math.max(slowest, last);
      if (last > 2)
        console.log(
          `  ${name}${before ? ", older" : ""}: median ${times[TIMES / 2]?.toFixed(2)} ms, slowest ${last.toFixed(2)} ms`,
        );
    }
  }
  return slowest;
}

function time(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function* questions(reader: FactReader): Generator<[string, Read]> {
  const limit = 100;
  yield ["log lines", (before) => reader.logs({ limit, before })];
  yield ["errors", (before) => reader.errors({ limit, before })];
  for (const level of ["error", "warn", "info", "debug"] as const) {
    yield [`log lines of level ${level}`, (before) => reader.logs({ limit, before, level })];
  }
  for (const tool of [undefined, "tool-0", "tool-19", "none"]) {
    for (const userId of [undefined, "user0", "user4000", "nobody"]) {
      for (const failed of [undefined, true, false]) {
        const name = `tool logs (tool ${tool}, user ${userId}, failed ${failed})`;
        yield [name, (before) => reader.toolLogs({ limit, before, tool, userId, failed })];
      }
    }
  }
}
