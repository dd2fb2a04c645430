import { GROUP, USER } from "../../contract/fact.ts";
import type { FactBase, Link, StoredFact } from "../../contract/fact.ts";
import type { StateEvent } from "../../contract/state.ts";
import type { ItemFill } from "../items.ts";
import type { Placed } from "../owners.ts";
import { hashOf, shardOf } from "./hash.ts";
import type { Identity } from "./lookup.ts";
import type { Place } from "./places.ts";
import { recentFact, recentLink, recentState, RECENT_NAMES, type Numbered } from "./recent.ts";
import { factFields, FACT_NAMES, LEVELS, nanoseconds, type FactRow } from "./rows.ts";
import {
  BODY_COLUMNS,
  CONTENT_COLUMNS,
  FILL_COLUMNS,
  KIND,
  NAME_COLUMNS,
  SPAN_COLUMNS,
  STATE_COLUMNS,
} from "./schema.ts";
import { field, nullable } from "./tsv.ts";

/** Every table that a round of writing may fill; `recent` last: what is told is there. */
const COLUMNS = {
  facts: FACT_NAMES,
  bodies: Object.keys(BODY_COLUMNS),
  contents: Object.keys(CONTENT_COLUMNS),
  fills: Object.keys(FILL_COLUMNS),
  spans: Object.keys(SPAN_COLUMNS),
  names: Object.keys(NAME_COLUMNS),
  states: Object.keys(STATE_COLUMNS),
  recent: RECENT_NAMES,
} as const;

export type TableName = keyof typeof COLUMNS;

/** Lines of one table of one shard. */
export interface Block {
  table: TableName;
  columns: readonly string[];
  lines: string;
}

/** Texts of a fact, where a fill found them out later; of version 1 those that it came with. */
export interface Texts {
  message?: string;
  stack?: string;
  meta?: string;
}

export interface Contents {
  args?: string;
  result?: string;
}

/** What one round writes. */
export interface Blocks {
  /** A new fact, with its texts. */
  fact(row: FactRow, keepContent: boolean): void;
  /** A fact again, with what changed of it. */
  again(row: FactRow): void;
  texts(fact: StoredFact, version: number, texts: Texts): void;
  contents(fact: StoredFact, version: number, contents: Contents): void;
  fill(place: Place, version: number, fill: Omit<ItemFill, "row">): void;
  /** A span that is no fact, for the waterfall. */
  span(link: Link): void;
  /** The same, for all who may have to know what is nested in what. */
  link(link: Link, by: Numbered): void;
  names(placed: readonly Placed[]): void;
  state(state: StateEvent, by: Numbered): void;
  /** Of one shard, those that have lines. */
  of(shard: number): Block[];
}

/** @param nowMs epoch ms of the round */
export function createBlocks(shards: number, nowMs: number): Blocks {
  const lines = Array.from({ length: shards }, () => new Map<TableName, string[]>());

  function add(shard: number, table: TableName, line: string): void {
    const tables = lines[shard] as Map<TableName, string[]>;
    const known = tables.get(table);
    if (known === undefined) tables.set(table, [line]);
    else known.push(line);
  }

  function again(row: FactRow): void {
    const shard = shardOf(row.fact, shards);
    const fields = factFields(row);
    add(shard, "facts", `${fields}\n`);
    add(shard, "recent", recentFact(row, fields, nowMs));
  }

  function texts(fact: StoredFact, version: number, { message, stack, meta }: Texts): void {
    const level = fact.kind === "log" ? LEVELS.indexOf(fact.level) : 0;
    const values = `${nullable(message)}\t${nullable(stack)}\t${nullable(meta)}`;
    add(shardOf(fact, shards), "bodies", `${identity(fact, version)}\t${level}\t${values}\n`);
  }

  function contents(fact: StoredFact, version: number, { args, result }: Contents): void {
    const values = `${nullable(args)}\t${nullable(result)}`;
    add(shardOf(fact, shards), "contents", `${identity(fact, version)}\t${values}\n`);
  }

  return {
    fact(row, keepContent) {
      const { fact } = row;
      again(row);
      const own = textsOf(fact);
      if (own !== undefined) texts(fact, 1, own);
      if (fact.kind !== "tool" || !keepContent || !fact.counted) return;
      if (fact.args !== undefined || fact.result !== undefined) contents(fact, 1, fact);
    },
    again,
    texts,
    contents,
    fill(place, version, { stack, channel, model }) {
      const values = [stack, channel, model].map((value) => field(value ?? "")).join("\t");
      add(place.shard, "fills", `${identity(place, version)}\t${values}\n`);
    },
    span({ traceId, spanId, parentId, step }) {
      if (step === undefined) return;
      const { name, durationNs, failed, service, attributes } = step;
      const values = [
        nanoseconds(step),
        traceId + spanId,
        parentId ?? "",
        field(name),
        String(durationNs),
        failed ? "1" : "0",
        field(service ?? ""),
        nullable(attributes),
      ];
      add(shardOf({ traceId, key: spanId }, shards), "spans", `${values.join("\t")}\n`);
    },
    link(link, by) {
      add(shardOf({ traceId: link.traceId, key: link.spanId }, shards), "recent", recentLink(link, by, nowMs));
    },
    names(placed) {
      for (const [name, time] of namesOf(placed)) {
        const [kind, id = "", text = ""] = JSON.parse(name) as string[];
        add(hashOf(id) % shards, "names", `${kind}\t${field(id)}\t${time}\t${field(text)}\n`);
      }
    },
    state(state, by) {
      const id = stateId(state);
      const shard = hashOf(id) % shards;
      add(shard, "states", `${field(id)}\t${Math.max(0, Math.floor(state.timeMs))}\t${field(JSON.stringify(state))}\n`);
      add(shard, "recent", recentState(state, by, nowMs));
    },
    of: (shard) =>
      [...(lines[shard] ?? [])].map(([table, all]) => ({ table, columns: COLUMNS[table], lines: all.join("") })),
  };
}

/** The texts that a fact came with; undefined where it has none. */
function textsOf(fact: StoredFact): Texts | undefined {
  if (fact.kind === "log") return { message: fact.message, stack: fact.stack, meta: fact.meta };
  const { errorMessage, stack } = fact;
  return errorMessage === undefined && stack === undefined ? undefined : { message: errorMessage, stack };
}

function identity(fact: Identity, version: number): string {
  return `${KIND[fact.kind]}\t${nanoseconds(fact)}\t${fact.key}\t${version}`;
}

/** Kinds of names. Never renumber. */
export const NAMED = { user: 1, group: 2 } as const;

/** The newest time (ns) of each name that the facts themselves have, by kind, id and name as JSON. */
function namesOf(placed: readonly Placed[]): Map<string, string> {
  const newest = new Map<string, string>();
  const hear = (kind: number, id: string, name: string, fact: FactBase): void => {
    const key = JSON.stringify([String(kind), id, name]);
    const time = nanoseconds(fact);
    const known = newest.get(key);
    if (known === undefined || isLater(time, known)) newest.set(key, time);
  };
  for (const { fact, joined } of placed) {
    const { userId, userName, groupId, groupName } = fact;
    // A name that came by a join is the message's, and that one has it at its own time.
    if (userId !== undefined && userName && (joined & USER) === 0) hear(NAMED.user, userId, userName, fact);
    if (groupId !== undefined && groupName && (joined & GROUP) === 0) hear(NAMED.group, groupId, groupName, fact);
  }
  return newest;
}

function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

function stateId(state: StateEvent): string {
  if (state.event === "bot.state") return `bot ${state.botId}`;
  if (state.event === "bot.channel.state") return `channel ${state.channelId}`;
  return `inventory ${JSON.stringify([state.service ?? "", state.instance ?? "", state.botId ?? ""])}`;
}
