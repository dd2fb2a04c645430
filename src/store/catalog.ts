import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { LowSync } from "lowdb";
import type { SyncAdapter } from "lowdb";
import type { Fact } from "../contract/fact.ts";
import type { BotState, StateEvent } from "../contract/state.ts";
import { isOvertaken, SILENCE_MS } from "../contract/state.ts";
import type { Catalog } from "../contract/thread.ts";
import { syncFolder } from "../lib/sync-folder.ts";
import { createTrouble } from "../lib/trouble.ts";
import { asideOf } from "./aside.ts";

export interface CatalogOptions {
  /** Absolute path of `catalog.json`; its folder exists. */
  file: string;
  zone: string;
  /** A sentence for the log: a damaged file was moved aside, or one cannot be written. */
  report: (line: string) => void;
  /** ms between a change and its writing; default 2000. */
  delayMs?: number;
}

/** What is known of bots and channels, kept over a restart in a file that people can read. */
export interface CatalogFile {
  /** @param nowMs epoch ms of the arrival */
  learn(states: readonly StateEvent[], nowMs: number): void;
  /** Bots that announce nothing are known by their messages (contract §9). */
  learnMessages(facts: Iterable<Fact>, nowMs: number): void;
  /** As it is now; a copy. */
  readonly document: Catalog;
  /** Writes what was not yet written. */
  flush(): void;
  /** Writes the rest and stops. */
  close(): void;
}

type Entry<T extends "bots" | "channels" | "inventories"> = Catalog[T][string];

/** Entries of each list at the most; the one that was silent longest goes first. */
const LIMIT = 500;
/** Longer texts and lists are cut, so that the file stays under 1 MB. */
const MAX_CHARS = 120;
const MAX_ITEMS = 30;
const DELAY_MS = 2000;

/** Opens the file, or makes it at the first change. A damaged one is moved aside and learned anew; it never throws. */
export function openCatalog(options: CatalogOptions): CatalogFile {
  const { file, report } = options;
  const low = new LowSync<Catalog>(durableJson(file, report), emptyCatalog(options.zone));
  low.read();
  const bots = new Map(Object.entries(low.data.bots));
  const channels = new Map(Object.entries(low.data.channels));
  const inventories = new Map(Object.entries(low.data.inventories));
  const trouble = createTrouble(report);
  let timer: NodeJS.Timeout | undefined;

  function current(): Catalog {
    return {
      version: 1,
      zone: options.zone,
      bots: Object.fromEntries(bots),
      channels: Object.fromEntries(channels),
      inventories: Object.fromEntries(inventories),
    };
  }

  function changed(): void {
    timer ??= setTimeout(flush, options.delayMs ?? DELAY_MS).unref();
  }

  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    low.data = current();
    try {
      low.write();
      trouble.over();
    } catch (error) {
      trouble.met(`${file} cannot be written (${(error as Error).message}): check the disk and its permissions.`);
    }
  }

  return {
    learn(states, nowMs) {
      for (const raw of states) {
        const state = bounded(raw);
        if (state.event === "bot.state") keep(bots, state.botId, botEntry(bots.get(state.botId), state, nowMs));
        else if (state.event === "bot.channel.state") keep(channels, state.channelId, { ...state, lastSeenMs: nowMs });
        else keep(inventories, senderOf(state), { ...state, lastSeenMs: nowMs });
      }
      if (states.length > 0) changed();
    },
    learnMessages(facts, nowMs) {
      for (const fact of facts) {
        if (fact.kind !== "message" || fact.botId === undefined) continue;
        const known = bots.get(fact.botId);
        if (known !== undefined && known.byMessages !== true) continue;
        const { botId, platform, service, timeMs } = fact;
        const state: BotState = { event: "bot.state", timeMs, service, botId, platform, connected: true };
        keep(bots, botId, { ...botEntry(known, bounded(state), nowMs), byMessages: true });
        changed();
      }
    },
    get document() {
      return current();
    },
    flush,
    close: flush,
  };
}

function emptyCatalog(zone: string): Catalog {
  return { version: 1, zone, bots: {}, channels: {}, inventories: {} };
}

function botEntry(known: Entry<"bots"> | undefined, state: BotState, nowMs: number): Entry<"bots"> {
  const entry: Entry<"bots"> = { ...state, lastSeenMs: nowMs };
  const wasConnected = known?.connected === true && nowMs - known.lastSeenMs <= SILENCE_MS;
  if (!state.connected) return { ...entry, connectedAtMs: known?.connectedAtMs };
  return { ...entry, connectedAtMs: wasConnected ? known.connectedAtMs : state.timeMs };
}

function senderOf(state: Extract<StateEvent, { event: "bot.inventory" }>): string {
  return [state.service ?? "", state.instance ?? "", state.botId ?? ""].join("/");
}

/** States overtaken by newer ones change nothing. */
function keep<E extends { timeMs: number; lastSeenMs: number }>(entries: Map<string, E>, id: string, entry: E): void {
  if (isOvertaken(entry.timeMs, entries.get(id)?.timeMs ?? 0)) return;
  entries.set(id, entry);
  if (entries.size <= LIMIT) return;
  let oldest = id;
  for (const [other, { lastSeenMs }] of entries)
    if (lastSeenMs < (entries.get(oldest)?.lastSeenMs ?? 0)) oldest = other;
  entries.delete(oldest);
}

function bounded<S extends StateEvent>(state: S): S {
  const cut = (value: unknown): unknown => {
    if (typeof value === "string") return value.slice(0, MAX_CHARS);
    return Array.isArray(value) ? value.slice(0, MAX_ITEMS).map(cut) : value;
  };
  return { ...state, ...Object.fromEntries(Object.entries(state).map(([name, value]) => [name, cut(value)])) };
}

/** lowdb's adapter, made durable: what was written survives a power cut, and the version before it is in `.bak`. */
function durableJson(file: string, report: (line: string) => void): SyncAdapter<Catalog> {
  return {
    read: () => readCatalog(file, report) ?? readCatalog(`${file}.bak`, report) ?? null,
    write(data) {
      const fresh = `${file}.new`;
      const handle = openSync(fresh, "w");
      try {
        writeFileSync(handle, `${JSON.stringify(data, null, 2)}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      if (existsSync(file)) renameSync(file, `${file}.bak`);
      renameSync(fresh, file);
      syncFolder(dirname(file));
    },
  };
}

function readCatalog(file: string, report: (line: string) => void): Catalog | undefined {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") report(`${file} cannot be read: ${String(error)}.`);
    return undefined;
  }
  try {
    return checkedCatalog(JSON.parse(content));
  } catch {
    report(`${file} is damaged: ${moveAside(file)}, and bots and channels are learned anew.`);
    return undefined;
  }
}

/** @returns what became of it: never deleted, never in the place of one that was moved before. */
function moveAside(file: string): string {
  const aside = asideOf(file);
  try {
    renameSync(file, aside);
    return `it was moved to ${aside}`;
  } catch (error) {
    return `it cannot be moved aside (${(error as Error).message})`;
  }
}

/** @throws {TypeError} where the document is no catalog; entries that are none are left out */
function checkedCatalog(document: unknown): Catalog {
  const { version, zone } = document as Partial<Catalog>;
  if (version !== 1 || typeof zone !== "string") throw new TypeError("not a catalog of version 1");
  const lists = document as Record<"bots" | "channels" | "inventories", unknown>;
  return {
    version,
    zone,
    bots: checkedEntries(lists.bots, "bot.state", ["botId"]),
    channels: checkedEntries(lists.channels, "bot.channel.state", ["channelId", "status"], ["models"]),
    inventories: checkedEntries(lists.inventories, "bot.inventory", [], ["features", "adapters"]),
  };
}

function checkedEntries<E>(list: unknown, event: string, texts: string[], arrays: string[] = []): Record<string, E> {
  if (typeof list !== "object" || list === null) throw new TypeError("not a list of entries");
  const entries = Object.entries(list as Record<string, Record<string, unknown> | null>);
  const good = entries.filter(([, entry]) => {
    if (typeof entry !== "object" || entry === null) return false;
    const numbers = [entry["timeMs"], entry["lastSeenMs"]];
    return (
      entry["event"] === event &&
      numbers.every((value) => Number.isFinite(value)) &&
      texts.every((name) => typeof entry[name] === "string") &&
      arrays.every((name) => Array.isArray(entry[name]))
    );
  });
  return Object.fromEntries(good) as Record<string, E>;
}
