import type { Change, Decided, Fact, FactKind, Level, LogFact, MessageFact, RequestFact } from "./fact.ts";
import type { StoredFact, ToolFact } from "./fact.ts";

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
const TRACE_DIGITS = 32;
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
const KINDS: readonly FactKind[] = ["message", "request", "tool", "log"];
const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

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

/** @returns the facts; all of a kind have one shape, whatever their senders left out. */
export function unpackFacts(packed: PackedFacts): StoredFact[] {
  const reader = createReader(packed);
  const facts: StoredFact[] = [];
  for (let n = 0; n < packed.count; n += 1) {
    const kind = KINDS[reader.count()];
    if (kind === "request") facts.push(readRequest(reader));
    else if (kind === "tool") facts.push(readTool(reader));
    else facts.push(kind === "message" ? readMessage(reader) : readLog(reader));
  }
  return facts;
}

export function packChanges(changes: readonly Change[]): PackedChanges {
  return { facts: packFacts(changes.map(({ fact }) => fact)), before: changes.map(({ before }) => before) };
}

export function unpackChanges({ facts, before }: PackedChanges): Change[] {
  return unpackFacts(facts).map((fact, n) => ({ fact, before: before[n] as number }));
}

type Writer = ReturnType<typeof createWriter>;
type Reader = ReturnType<typeof createReader>;

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
    /**
     * A text that many facts have; mostly the one before has it too.
     *
     * @param field one of {@link NAMED}
     */
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
    done: (): PackedFacts => ({ count, numbers: numbers.slice(0, at), texts }),
  };
}

function createReader({ numbers, texts }: PackedFacts) {
  let at = 0;
  let [last, trace] = ["", "none"];

  function count(): number {
    at += 1;
    return numbers[at - 1] as number;
  }

  function number(): number | undefined {
    const value = count();
    return Number.isNaN(value) ? undefined : value;
  }

  function text(): string | undefined {
    const place = count();
    return Number.isNaN(place) ? undefined : texts[place];
  }

  function flag(): boolean | undefined {
    const value = count();
    return Number.isNaN(value) ? undefined : value === 1;
  }

  function key(): string {
    last = words();
    // Facts of one turn mostly come in a row: they share the text.
    if (!last.startsWith(trace)) trace = last.slice(0, TRACE_DIGITS);
    return last;
  }

  const words = (): string => texts[count()] as string;
  const is = (): boolean => count() === 1;
  return { count, number, text, flag, is, words, key, traceId: () => trace, spanId: () => last.slice(TRACE_DIGITS) };
}

function writeBase(writer: Writer, fact: Fact & Partial<Decided>): void {
  writer.text(fact.key);
  writer.number(fact.row ?? 0);
  writer.flag(fact.counted ?? true);
  writer.flag(fact.errorItem ?? false);
  writer.number(fact.timeMs);
  writer.number(fact.timeNs);
  writer.name(NAMED.parentId, fact.parentId);
  writer.name(NAMED.service, fact.service);
  writer.name(NAMED.botId, fact.botId);
  writer.name(NAMED.userId, fact.userId);
  writer.name(NAMED.userName, fact.userName);
  writer.name(NAMED.groupId, fact.groupId);
  writer.name(NAMED.groupName, fact.groupName);
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

/** Every field, also those that a sender may leave out: one that is forgotten below is an error of types. */
type Whole<F> = { [Name in keyof Required<F>]: F[Name] };

// Fields are read in the order in which they were written: an object's are made in the order of its text.

function readMessage(reader: Reader): Whole<MessageFact & Decided> {
  return {
    kind: "message",
    key: reader.key(),
    row: reader.count(),
    counted: reader.is(),
    errorItem: reader.is(),
    timeMs: reader.count(),
    timeNs: reader.count(),
    traceId: reader.traceId(),
    spanId: reader.spanId(),
    parentId: reader.text(),
    service: reader.text(),
    botId: reader.text(),
    userId: reader.text(),
    userName: reader.text(),
    groupId: reader.text(),
    groupName: reader.text(),
    durationNs: reader.count(),
    failed: reader.is(),
    errorType: reader.text(),
    errorMessage: reader.text(),
    stack: reader.text(),
    platform: reader.text(),
    responses: reader.count(),
    responseWaitNs: reader.number(),
  };
}

function readRequest(reader: Reader): Whole<RequestFact & Decided> {
  return {
    kind: "request",
    key: reader.key(),
    row: reader.count(),
    counted: reader.is(),
    errorItem: reader.is(),
    timeMs: reader.count(),
    timeNs: reader.count(),
    traceId: reader.traceId(),
    spanId: reader.spanId(),
    parentId: reader.text(),
    service: reader.text(),
    botId: reader.text(),
    userId: reader.text(),
    userName: reader.text(),
    groupId: reader.text(),
    groupName: reader.text(),
    durationNs: reader.count(),
    failed: reader.is(),
    errorType: reader.text(),
    errorMessage: reader.text(),
    stack: reader.text(),
    operation: reader.words(),
    provider: reader.text(),
    model: reader.words(),
    channel: reader.words(),
    previousChannel: reader.text(),
    inputTokens: reader.count(),
    outputTokens: reader.count(),
    cachedTokens: reader.count(),
    cacheCreationTokens: reader.count(),
    reasoningTokens: reader.count(),
    usageMissing: reader.is(),
    firstChunkNs: reader.number(),
  };
}

function readTool(reader: Reader): Whole<ToolFact & Decided> {
  return {
    kind: "tool",
    key: reader.key(),
    row: reader.count(),
    counted: reader.is(),
    errorItem: reader.is(),
    timeMs: reader.count(),
    timeNs: reader.count(),
    traceId: reader.traceId(),
    spanId: reader.spanId(),
    parentId: reader.text(),
    service: reader.text(),
    botId: reader.text(),
    userId: reader.text(),
    userName: reader.text(),
    groupId: reader.text(),
    groupName: reader.text(),
    durationNs: reader.count(),
    failed: reader.is(),
    errorType: reader.text(),
    errorMessage: reader.text(),
    stack: reader.text(),
    tool: reader.words(),
    callId: reader.text(),
    args: reader.text(),
    result: reader.text(),
    truncated: reader.flag(),
  };
}

function readLog(reader: Reader): Whole<LogFact & Decided> {
  return {
    kind: "log",
    key: reader.words(),
    row: reader.count(),
    counted: reader.is(),
    errorItem: reader.is(),
    timeMs: reader.count(),
    timeNs: reader.count(),
    parentId: reader.text(),
    service: reader.text(),
    botId: reader.text(),
    userId: reader.text(),
    userName: reader.text(),
    groupId: reader.text(),
    groupName: reader.text(),
    traceId: reader.text(),
    spanId: reader.text(),
    level: LEVELS[reader.count()] as Level,
    message: reader.words(),
    meta: reader.text(),
    stack: reader.text(),
    channel: reader.text(),
    model: reader.text(),
  };
}
