import type { Change, Decided, Level, LogFact, MessageFact, RequestFact, StoredFact, ToolFact } from "./fact.ts";
import { KINDS, LEVELS, TRACE_DIGITS, type PackedChanges, type PackedFacts } from "./packed.ts";

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

export function unpackChanges({ facts, before }: PackedChanges): Change[] {
  return unpackFacts(facts).map((fact, n) => ({ fact, before: before[n] as number }));
}

type Reader = ReturnType<typeof createReader>;

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
