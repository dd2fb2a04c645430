import type { Change, Decided, Fact, FactKind, Level, LogFact, MessageFact, RequestFact, ToolFact } from "./fact.ts";

/**
 * Facts on their way from thread to thread: all their numbers in one list, all their texts in another. To clone the
 * objects takes four times as long, since a clone says the name of every field of each.
 */
export interface PackedFacts {
  count: number;
  /** What {@link packFacts} put down of each, in its order; a text is its place in `texts`, NaN is undefined. */
  numbers: Float64Array<ArrayBuffer>;
  texts: string[];
}

export interface PackedChanges {
  facts: PackedFacts;
  /** Of each change. */
  before: number[];
}

/** A span's key is its trace id and its span id. */
export const TRACE_DIGITS = 32;
/** Numbers of one fact at the most. */
const WIDTH = 36;
/** Fields whose texts many facts have, numbered. */
const NAMED = {
  errorType: 0,
  traceId: 1,
  parentId: 2,
  service: 3,
  botId: 4,
  userId: 5,
  userName: 6,
  groupId: 7,
  groupName: 8,
  platform: 9,
  operation: 10,
  provider: 11,
  model: 12,
  channel: 13,
  previousChannel: 14,
  tool: 15,
};
export const KINDS: readonly FactKind[] = ["message", "request", "tool", "log"];
export const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/** @param facts not yet decided about, or stored */
export function packFacts(facts: readonly (Fact & Partial<Decided>)[]): PackedFacts {
  const writer = createWriter(facts.length);
  for (const fact of facts) {
    writer.number(KINDS.indexOf(fact.kind));
    writeBase(writer, fact);
    if (fact.kind === "log") writeLog(writer, fact);
    else {
      writer.number(fact.durationNs);
      writer.flag(fact.failed);
      writer.name(NAMED.errorType, fact.errorType);
      writer.text(fact.errorMessage);
      writer.text(fact.stack);
      if (fact.kind === "request") writeRequest(writer, fact);
      else if (fact.kind === "tool") writeTool(writer, fact);
      else writeMessage(writer, fact);
    }
  }
  return writer.done();
}

export function packChanges(changes: readonly Change[]): PackedChanges {
  return { facts: packFacts(changes.map(({ fact }) => fact)), before: changes.map(({ before }) => before) };
}

type Writer = ReturnType<typeof createWriter>;

function createWriter(count: number) {
  const numbers = new Float64Array(count * WIDTH);
  const texts: string[] = [];
  const places = new Map<string, number>();
  const last: string[] = [];
  const lastPlace: number[] = [];
  let at = 0;

  function number(value: number | undefined): void {
    numbers[at] = value ?? Number.NaN;
    at += 1;
  }

  return {
    number,
    flag: (value: boolean | undefined) => number(value === undefined ? undefined : value ? 1 : 0),
    text: (value: string | undefined) => number(value === undefined ? undefined : texts.push(value) - 1),
    /** A text that the facts of a turn have, which mostly come in a row. @param field one of {@link NAMED} */
    turn(field: number, value: string | undefined): void {
      if (value === undefined) return number(value);
      if (value !== last[field]) {
        last[field] = value;
        lastPlace[field] = texts.push(value) - 1;
      }
      number(lastPlace[field]);
    },
    /** A text that many facts have. @param field one of {@link NAMED} */
    name(field: number, value: string | undefined): void {
      if (value === undefined) return number(value);
      if (value !== last[field]) {
        let place = places.get(value);
        if (place === undefined) places.set(value, (place = texts.push(value) - 1));
        last[field] = value;
        lastPlace[field] = place;
      }
      number(lastPlace[field]);
    },
    done(): PackedFacts {
      if (at > numbers.length) throw new RangeError(`${count} facts have ${at} numbers: WIDTH is too small`);
      return { count, numbers: numbers.slice(0, at), texts };
    },
  };
}

function writeBase(writer: Writer, fact: Fact & Partial<Decided>): void {
  writer.text(fact.key);
  writer.number(fact.row ?? 0);
  writer.flag(fact.counted ?? true);
  writer.flag(fact.errorItem ?? false);
  writer.number(fact.timeMs);
  writer.number(fact.timeNs);
  writer.turn(NAMED.parentId, fact.parentId);
  writer.name(NAMED.service, fact.service);
  writer.name(NAMED.botId, fact.botId);
  writer.turn(NAMED.userId, fact.userId);
  writer.turn(NAMED.userName, fact.userName);
  writer.turn(NAMED.groupId, fact.groupId);
  writer.turn(NAMED.groupName, fact.groupName);
}

function writeMessage(writer: Writer, fact: MessageFact): void {
  writer.name(NAMED.platform, fact.platform);
  writer.number(fact.responses);
  writer.number(fact.responseWaitNs);
}

function writeRequest(writer: Writer, fact: RequestFact): void {
  writer.name(NAMED.operation, fact.operation);
  writer.name(NAMED.provider, fact.provider);
  writer.name(NAMED.model, fact.model);
  writer.name(NAMED.channel, fact.channel);
  writer.name(NAMED.previousChannel, fact.previousChannel);
  writer.number(fact.inputTokens);
  writer.number(fact.outputTokens);
  writer.number(fact.cachedTokens);
  writer.number(fact.cacheCreationTokens);
  writer.number(fact.reasoningTokens);
  writer.flag(fact.usageMissing);
  writer.number(fact.firstChunkNs);
}

function writeTool(writer: Writer, fact: ToolFact): void {
  writer.name(NAMED.tool, fact.tool);
  writer.text(fact.callId);
  writer.text(fact.args);
  writer.text(fact.result);
  writer.flag(fact.truncated);
}

function writeLog(writer: Writer, fact: LogFact): void {
  writer.name(NAMED.traceId, fact.traceId);
  writer.text(fact.spanId);
  writer.number(LEVELS.indexOf(fact.level));
  writer.text(fact.message);
  writer.text(fact.meta);
  writer.text(fact.stack);
  writer.name(NAMED.channel, fact.channel);
  writer.name(NAMED.model, fact.model);
}
