import type { Calendar } from "../../lib/calendar.ts";
import type { Clock } from "../../lib/clock.ts";
import type { DayCache } from "../sqlite/day-cache.ts";
import { foldDay, signatures, type DayFolder, type Folded, type Signature } from "./fold.ts";
import type { Positions } from "./positions.ts";
import type { Rollups, StoredDay } from "./rollups.ts";
import type { Seen } from "./seen.ts";
import type { Shard } from "./servers.ts";
import { byDay, isSame, type KnownDays } from "./start.ts";

/** The days of the cluster as this instance knows them. */
export interface ClusterDays {
  /** First of all. Takes the rollups of the closed days, one day after the other: all of them are more than a thread holds. */
  begin(known: KnownDays): Promise<void>;
  /** Folds the day as of the last commit; one day at a time. */
  fold(day: number): Promise<Folded>;
  /** Writes the day's rollups, here and in the cluster, if nothing changed it since `commit`. @returns whether it did. */
  closeDay(day: number, commit: number, folded: Folded): Promise<boolean>;
  /** Days without rollups. */
  open(): number[];
  /** A fact was told that counts on the day, or one of them again. */
  told(day: number, isNew: boolean, versions: number): void;
  /** What a writer that is gone stored and never told counts from now on. */
  tryAgain(): void;
  /** @returns days that hold other facts in the cluster than were told, or closed, twice in a row; all are open then */
  check(): Promise<number[]>;
}

interface Parts {
  shards: readonly Shard[];
  database: string;
  calendar: Calendar;
  cache: DayCache;
  rollups: Rollups;
  folds: string;
  createDayFolder: (day: number) => DayFolder;
  positions: Positions;
  seen: Seen;
  clock: Clock;
  commit(): number;
  isOld(writer: number): Promise<boolean>;
}

/** What a look may lag behind the servers, in ms: what is told by then is compared. */
const LAG_MS = 3000;

export function createDays(parts: Parts): ClusterDays {
  const { shards, database, calendar, cache, rollups, folds, positions, seen } = parts;
  /** What was folded and told of a day. */
  const told = new Map<number, Signature>();
  /** Days that were different at the last check, each with what the cluster had. */
  let suspects = new Map<number, Signature>();
  /** Of days that were folded anew in vain: what the cluster had, which is not told by folding again. */
  const hopeless = new Map<number, Signature>();
  const sealed = new Map<number, StoredDay>();
  /** Of closed days that have their facts. */
  const closed = new Map<number, Signature>();
  /** The closed day that was looked at last, and whether it was different. */
  let looked = { day: Number.NEGATIVE_INFINITY, isSuspect: false };
  let folding: { day: number; since: Signature } | undefined;

  async function fold(day: number): Promise<Folded> {
    const kept = sealed.get(day);
    if (kept !== undefined) return foldSealed(kept);
    const since = { facts: 0, versions: 0 };
    folding = { day, since };
    try {
      const folded = await foldDay({
        shards,
        database,
        fromMs: calendar.startOf(day),
        untilMs: calendar.startOf(day + 1),
        folder: parts.createDayFolder(day),
        seen,
        positions,
        commit: parts.commit(),
        isOld: parts.isOld,
      });
      const { facts, versions } = folded.signature;
      told.set(day, { facts: facts + since.facts, versions: versions + since.versions });
      return folded;
    } finally {
      folding = undefined;
    }
  }

  async function foldSealed(day: StoredDay): Promise<Folded> {
    const slices = await rollups.read(day);
    if (slices === undefined) throw new Error("its rollups are not whole");
    return { slices, signature: { facts: 0, versions: 0 }, whole: false };
  }

  async function closeDay(day: number, commit: number, { slices, signature, whole }: Folded): Promise<boolean> {
    if (!whole) return false;
    const written = (await rollups.days()).get(day);
    const isThere = written?.zone === calendar.zone && written.folds === folds && isSame(written, signature);
    if (!isThere) await rollups.write({ day, zone: calendar.zone, folds, ...signature }, slices, parts.clock.now());
    if (!cache.closeDay(day, commit, slices)) return false;
    told.delete(day);
    closed.set(day, signature);
    return true;
  }

  /** What the cluster holds of days that this instance has folded, each fact once. */
  async function stored(days: readonly number[]): Promise<Map<number, Signature>> {
    const all = new Map<number, Signature>();
    for (const day of days) {
      const [from, until] = [calendar.startOf(day), calendar.startOf(day + 1)];
      const found = byDay(await signatures(shards, database, true, from, until), calendar).get(day);
      all.set(day, found ?? { facts: 0, versions: 0 });
    }
    return all;
  }

  /**
   * One closed day a check, the next one each time: to look at all would read every fact. One that is different is looked
   * at twice, as a fact may be on its way.
   *
   * @returns the day where it holds other facts than its rollups were made of; it is open again then
   */
  async function checkClosed(): Promise<number | undefined> {
    const all = [...closed.keys()].sort((a, b) => a - b);
    const day = looked.isSuspect ? looked.day : (all.find((one) => one > looked.day) ?? all[0]);
    const known = day === undefined ? undefined : closed.get(day);
    if (day === undefined || known === undefined) {
      looked.isSuspect = false;
      return undefined;
    }
    const isRight = isSame(known, (await stored([day])).get(day) as Signature) || closed.get(day) !== known;
    const isWrong = !isRight && looked.isSuspect;
    looked = { day, isSuspect: !isRight && !isWrong };
    if (!isWrong) return undefined;
    closed.delete(day);
    cache.change([day], parts.commit());
    return day;
  }

  async function check(): Promise<number[]> {
    const reopened = await checkClosed();
    return [...(reopened === undefined ? [] : [reopened]), ...(await checkTold())];
  }

  async function checkTold(): Promise<number[]> {
    const before = new Map([...told].map(([day, signature]) => [day, { ...signature }]));
    const found = await stored([...before.keys()]);
    await new Promise((resolve) => setTimeout(resolve, LAG_MS));
    const different = new Map<number, Signature>();
    for (const [day, held] of found) {
      const [low, high] = [before.get(day), told.get(day)];
      // Folded anew, or closed, meanwhile.
      if (low === undefined || high === undefined) continue;
      if (
        held.facts < low.facts ||
        held.facts > high.facts ||
        held.versions < low.versions ||
        held.versions > high.versions
      )
        different.set(day, held);
      else hopeless.delete(day);
    }
    const wrong = [...different.keys()].filter((day) => suspects.has(day) && !isHopeless(day, different));
    for (const day of wrong) {
      hopeless.set(day, different.get(day) as Signature);
      told.delete(day);
      different.delete(day);
    }
    suspects = different;
    return wrong;
  }

  function isHopeless(day: number, different: ReadonlyMap<number, Signature>): boolean {
    const [last, now] = [hopeless.get(day), different.get(day)];
    return last !== undefined && now !== undefined && isSame(last, now);
  }

  return {
    async begin({ open, closed: days, sealedUntilMs }) {
      cache.begin(calendar);
      cache.change(open, 0);
      for (const stored of days) {
        const { day, facts, versions } = stored;
        cache.change([day], 0);
        const slices = await rollups.read(stored);
        // Somebody is writing newer ones: it is open here.
        if (slices === undefined) continue;
        cache.closeDay(day, 0, slices);
        if (calendar.startOf(day + 1) <= sealedUntilMs) sealed.set(day, stored);
        else closed.set(day, { facts, versions });
      }
    },
    fold,
    closeDay,
    open: () => cache.open(),
    told(day, isNew, versions) {
      closed.delete(day);
      for (const signature of [told.get(day), folding?.day === day ? folding.since : undefined]) {
        if (signature === undefined) continue;
        if (isNew) signature.facts += 1;
        signature.versions += versions;
      }
    },
    tryAgain: () => hopeless.clear(),
    check,
  };
}
