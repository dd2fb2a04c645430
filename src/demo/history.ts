import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Instrument } from "../index.ts";
import type { Calendar } from "../lib/calendar.ts";
import type { Clock } from "../lib/clock.ts";
import { pastDay, type PastTurn } from "./past.ts";
import type { Society } from "./people.ts";
import type { Random } from "./random.ts";
import { writeTurn } from "./write-turn.ts";

export interface HistoryOptions {
  instrument: Instrument;
  society: Society;
  random: Random;
  calendar: Calendar;
  clock: Clock;
  /** Days before today. */
  days: number;
  stop: AbortSignal;
  /** True: none is begun; one that was begun is ended all the same. */
  done: boolean;
  /** Where it is noted how far it came, so that a start after a kill goes on from there; absent: nowhere. */
  file?: string;
  /** Facts a second, about. */
  rate?: number;
}

/** Between two slices, ms; a slice never takes longer than some ms. */
const REST = 20;
const SLICE = 4;
const RATE = 1500;

interface Progress {
  /** The last day that was begun. */
  day: number;
  done: boolean;
}

/**
 * Writes the days before now, oldest first, in short slices and at a bounded rate.
 *
 * A day is begun once only: one that a kill cut short stays short, and is never written twice.
 *
 * @returns the number of turns written
 */
export async function writeHistory(options: HistoryOptions): Promise<number> {
  const { calendar, society, clock, stop, file } = options;
  const until = clock.now();
  const today = calendar.dayOf(until);
  const begun = file === undefined ? undefined : await readProgress(file);
  if (begun?.done ?? options.done) return 0;
  let written = 0;
  for (let day = Math.max(today - options.days, (begun?.day ?? 0) + 1); day <= today; day += 1) {
    if (stop.aborted) return written;
    if (file !== undefined) await writeProgress(file, { day, done: false });
    const turns = pastDay(day, society, calendar, options.random.fork(`day ${day}`), until);
    written += await writeSlices(turns, options);
  }
  if (file !== undefined && !stop.aborted) await writeProgress(file, { day: today, done: true });
  return written;
}

async function writeSlices(turns: readonly PastTurn[], options: HistoryOptions): Promise<number> {
  const { instrument, clock, stop, rate = RATE } = options;
  const most = Math.max(1, Math.round((rate * REST) / 1000));
  let [next, facts, from] = [0, 0, clock.mono()];
  while (next < turns.length && !stop.aborted) {
    facts += await writeTurn(turns[next] as PastTurn, instrument);
    next += 1;
    if (facts >= most || clock.mono() - from > SLICE) {
      await delay(REST, undefined, { signal: stop }).catch(() => {});
      [facts, from] = [0, clock.mono()];
    }
  }
  return next;
}

/** @returns undefined where no history was begun */
async function readProgress(file: string): Promise<Progress | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const [day, word] = text.split(" ");
  return day === undefined || day === "" ? undefined : { day: Number(day), done: word?.trim() === "done" };
}

function writeProgress(file: string, { day, done }: Progress): Promise<void> {
  return writeFile(file, `${day} ${done ? "done" : "begun"}\n`);
}
