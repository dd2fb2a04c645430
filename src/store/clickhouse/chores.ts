import type { Change } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { StoreToObserver } from "../../contract/thread.ts";
import type { Clock } from "../../lib/clock.ts";
import { createTrouble } from "../../lib/trouble.ts";
import type { Cluster } from "./store.ts";

/** What an instance does beside writing: it reads what all wrote, folds days, closes them, and looks after itself. */
export interface ClusterChores {
  /** Looks at once: something was written here. */
  look(): void;
  /** The observer wants the day's folds. */
  fold(day: number): void;
  probe(): void;
  stop(): void;
}

export interface ClusterChoresOptions {
  cluster: Cluster;
  clock: Clock;
  tell(message: StoreToObserver): void;
  /** What all instances wrote, in the order of its commits. */
  told(commit: number, changes: Change[], states: StateEvent[]): void;
  /** Facts in the spool; undefined: there is none. */
  spooled(): number | undefined;
  /** Joins wait to be written. */
  due(): void;
  /** @param why what was written is not read; undefined: it is again */
  away(why: string | undefined): void;
  /** Others may have given us up: this start must end. */
  lost(): void;
  report(line: string): void;
}

const LOOK_MS = 250;
/** What could not be read for so long is missing in the answers, in ms (contract §3: 2 s). */
const STALE_MS = 1500;
const BEAT_MS = 5000;
/** After this long without a beat others take us for gone, and what they read of us would be in doubt; in ms. */
const LOST_MS = 10 * 60_000;
const ROUND_MS = 30_000;
const CHECK_MS = 60_000;
const HEALTH_MS = 1000;
/** A past day that nothing changed for this long is closed, in ms. */
const QUIET_MS = 30_000;
/** A day that could not be folded is tried again after this, in ms. */
const RETRY_MS = 1000;

export function createClusterChores(options: ClusterChoresOptions): ClusterChores {
  const { cluster, clock, tell, report } = options;
  const { calendar, days } = cluster;
  const wanted = new Set<number>();
  const lastChange = new Map<number, number>();
  const timers = new Set<NodeJS.Timeout>();
  const trouble = { fold: createTrouble(report), round: createTrouble(report) };
  let [folding, stopped, looking, again] = [false, false, false, false];
  let [readAtMs, beatAtMs] = [clock.mono(), clock.now()];
  let next: NodeJS.Timeout | undefined;
  every(HEALTH_MS, () => tell({ type: "health", health: { ...cluster.health(), spooled: options.spooled() } }));
  every(BEAT_MS, beat);
  every(ROUND_MS, round);
  every(CHECK_MS, check);
  look();

  function every(ms: number, work: () => void): void {
    timers.add(setInterval(work, ms));
  }

  function look(): void {
    clearTimeout(next);
    again = true;
    if (!looking) void looks();
  }

  async function looks(): Promise<void> {
    looking = true;
    while (again && !stopped) {
      again = false;
      try {
        again = (await lookOnce()) || again;
        readAtMs = clock.mono();
        options.away(undefined);
      } catch (error) {
        if (clock.mono() - readAtMs > STALE_MS) options.away(sentence(error));
      }
    }
    looking = false;
    if (!stopped) next = setTimeout(look, LOOK_MS);
  }

  /** @returns whether there is more */
  async function lookOnce(): Promise<boolean> {
    const { changes, states, voided, days: changed, more } = await cluster.look(clock.now());
    const { commit } = cluster;
    for (const day of changed) lastChange.set(day, clock.now());
    if (changes.length + states.length > 0) options.told(commit, changes, states);
    for (const day of voided) tell({ type: "void", day, commit });
    if (cluster.due(clock.now())) options.due();
    return more;
  }

  function fold(day: number): void {
    wanted.add(day);
    void foldWanted();
  }

  async function foldWanted(): Promise<void> {
    if (folding) return;
    folding = true;
    for (const day of wanted) {
      if (stopped) break;
      wanted.delete(day);
      await foldOne(day).then(trouble.fold.over, (error: unknown) => putBack(day, error));
    }
    folding = false;
  }

  /** Windows wait for the day until they get it. */
  function putBack(day: number, error: unknown): void {
    trouble.fold.met(`days cannot be folded, and are tried again: ${sentence(error)}`);
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      fold(day);
    }, RETRY_MS);
    timers.add(timer);
  }

  async function foldOne(day: number): Promise<void> {
    const { commit } = cluster;
    const folded = await days.fold(day);
    if (stopped) return;
    tell({ type: "day", day, commit, slices: folded.slices });
    if (!isQuiet(day) || !(await days.closeDay(day, commit, folded))) return;
    lastChange.delete(day);
    tell({ type: "closed", day, commit });
  }

  function isQuiet(day: number): boolean {
    return day < calendar.dayOf(clock.now()) && clock.now() - (lastChange.get(day) ?? -Infinity) >= QUIET_MS;
  }

  function round(): void {
    for (const day of days.open()) if (isQuiet(day)) wanted.add(day);
    void foldWanted();
    void cluster
      .retire(clock.now())
      .then(trouble.round.over, (error: unknown) =>
        trouble.round.met(`old facts cannot be removed, and are tried again: ${sentence(error)}`),
      );
    cluster.measure().catch(() => {}); // the last size stands
  }

  /** Folds that are not what the cluster holds are void: nothing stays wrong for longer than two checks. */
  async function findWrong(): Promise<void> {
    for (const day of await days.check()) {
      report(`day ${day} was counted otherwise than the cluster holds it, and is counted anew`);
      tell({ type: "void", day, commit: cluster.commit });
    }
  }

  function check(): void {
    findWrong().catch(() => {}); // the next one looks again
  }

  function beat(): void {
    if (clock.now() - beatAtMs > LOST_MS) return options.lost();
    cluster.beat(clock.now()).then(
      () => void (beatAtMs = clock.now()),
      () => {},
    );
  }

  async function measure(): Promise<void> {
    const ms = await cluster.probe(clock.now()).catch(() => undefined);
    tell({ type: "latency", ms, at: clock.now() });
  }

  return {
    look,
    fold,
    probe: () => void measure(),
    stop() {
      stopped = true;
      clearTimeout(next);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
