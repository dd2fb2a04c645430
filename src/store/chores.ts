import type { Change } from "../contract/fact.ts";
import type { EncodedSlice, Forgotten, StoreToObserver, Whom } from "../contract/thread.ts";
import type { Calendar } from "../lib/calendar.ts";
import type { Clock } from "../lib/clock.ts";
import { createTrouble } from "../lib/trouble.ts";
import { createForgetting } from "./forgetting.ts";
import type { FactStore } from "./store.ts";

/** A past day that nothing changed for this long is closed, in ms. */
const QUIET_MS = 30_000;
const ROUND_MS = 30_000;
const HEALTH_MS = 1000;
/** A day that could not be folded is tried again after this, in ms. */
const RETRY_MS = 1000;

/** What the store does between commits: fold days, close them, let old facts go, forget people, measure itself. */
export interface Chores {
  /** The observer wants the day's folds. */
  fold(day: number): void;
  probe(): void;
  /** See {@link FactStore.forget}. One who is being forgotten is not begun again. */
  forget(whom: Whom): Promise<Forgotten>;
  /** Facts of these days came or changed: they are not closed yet. */
  changed(changes: readonly Change[]): void;
  stop(): void;
}

export interface ChoresOptions {
  store: FactStore;
  calendar: Calendar;
  clock: Clock;
  tell(message: StoreToObserver): void;
  report(line: string): void;
}

export function createChores({ store, calendar, clock, tell, report }: ChoresOptions): Chores {
  const wanted = new Set<number>();
  const lastChange = new Map<number, number>();
  const retries = new Set<NodeJS.Timeout>();
  let [folding, stopped] = [false, false];
  const trouble = {
    fold: createTrouble(report),
    close: createTrouble(report),
    retire: createTrouble(report),
    probe: createTrouble(report, "the store can be written again"),
  };
  const timers = [setInterval(round, ROUND_MS), setInterval(health, HEALTH_MS)];
  health();
  const forgetting = createForgetting({
    store,
    now: clock.now,
    tell,
    quiet: async () => {
      do await new Promise((resolve) => setImmediate(resolve));
      while (folding);
    },
    over: () => void foldWanted(),
  });

  /** Runs `steps` so that commits pass between them. */
  async function inSteps<T>(steps: Generator<void, T>): Promise<T | undefined> {
    while (!stopped) {
      const { done, value } = steps.next();
      if (done) return value;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return undefined;
  }

  async function foldWanted(): Promise<void> {
    if (folding || forgetting.alone) return;
    folding = true;
    for (const day of wanted) {
      if (forgetting.alone) break;
      wanted.delete(day);
      await foldOne(day).catch((error: unknown) => putBack(day, error));
    }
    folding = false;
  }

  /** Windows wait for the day until they get it. */
  function putBack(day: number, error: unknown): void {
    trouble.fold.met(`days cannot be folded, and are tried again: ${sentence(error)}`);
    if (stopped) return;
    const timer = setTimeout(() => {
      retries.delete(timer);
      fold(day);
    }, RETRY_MS);
    retries.add(timer);
  }

  function fold(day: number): void {
    wanted.add(day);
    void foldWanted();
  }

  async function foldOne(day: number): Promise<void> {
    // The first step is taken now, and what it reads is as of now to the end.
    const { commit } = store;
    const slices = await inSteps(store.foldDay(day));
    if (!slices) return;
    trouble.fold.over();
    tell({ type: "day", day, commit, slices });
    close(day, commit, slices);
  }

  function close(day: number, commit: number, slices: EncodedSlice[]): void {
    try {
      if (!isQuiet(day) || !store.closeDay(day, commit, slices)) return;
      trouble.close.over();
      lastChange.delete(day);
      tell({ type: "closed", day, commit });
    } catch (error) {
      // It is open still: the next round has it again.
      trouble.close.met(`days cannot be closed, and are tried again: ${sentence(error)}`);
    }
  }

  function isQuiet(day: number): boolean {
    return day < calendar.dayOf(clock.now()) && clock.now() - (lastChange.get(day) ?? -Infinity) >= QUIET_MS;
  }

  function round(): void {
    for (const day of store.openDays()) if (isQuiet(day)) wanted.add(day);
    void foldWanted();
    void retire().then(trouble.retire.over, (error: unknown) =>
      trouble.retire.met(`old facts cannot be removed, and are tried again: ${sentence(error)}`),
    );
  }

  async function retire(): Promise<void> {
    while (!stopped && store.retire(clock.now())) await new Promise((resolve) => setImmediate(resolve));
  }

  function health(): void {
    tell({ type: "health", health: store.health() });
  }

  return {
    fold,
    probe() {
      try {
        tell({ type: "latency", ms: store.probe(), at: clock.now() });
        trouble.probe.over();
      } catch (error) {
        trouble.probe.met(`the store cannot be written: ${sentence(error)}`);
        tell({ type: "latency", ms: undefined, at: clock.now() });
      }
    },
    forget: forgetting.forget,
    changed(changes) {
      const now = clock.now();
      for (const { fact } of changes) lastChange.set(calendar.dayOf(fact.timeMs), now);
    },
    stop() {
      stopped = true;
      forgetting.stop();
      for (const timer of timers) clearInterval(timer);
      for (const timer of retries) clearTimeout(timer);
    },
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
