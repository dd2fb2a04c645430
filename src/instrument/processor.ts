import { trace } from "@opentelemetry/api";
import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import { ATTRIBUTES, UNFINISHED } from "../contract/attributes.ts";
import type { Fact } from "../contract/fact.ts";
import type { Mapping } from "../contract/mapping.ts";
import type { Sink } from "../contract/sink.ts";
import type { Attributes, Inherited } from "../contract/span.ts";
import type { Clock } from "../lib/clock.ts";
import type { Capture } from "./capture.ts";
import { inheritedOf } from "./context.ts";
import { createResources, shapeOfSpan } from "./shape.ts";

/** Open spans that are watched at the most; past it the oldest is given up and counted. */
const OPEN_LIMIT = 10_000;

/** What is kept of a span while it is open. The span itself is its key; nothing holds it once it has ended. */
interface Open {
  /** ms, monotonic. */
  since: number;
  inherited?: Inherited;
  /** A message, a request or a tool call by the attributes that it started with. */
  inFlight: boolean;
  /** A root without children is alone in its trace. */
  hasChildren: boolean;
}

export interface FactProcessor extends SpanProcessor {
  /** The span is open, and is watched. */
  knows(span: object): boolean;
  /** Messages, requests and tool calls under way. */
  inFlight(): number;
  /** Declares what is open for longer than `unfinishedAfter` as failed; to be called every few seconds. */
  sweep(): void;
}

export interface ProcessorOptions {
  mapping: Mapping;
  sink: Sink;
  clock: Clock;
  capture: Capture;
  /** ms, 1 s at least. */
  unfinishedAfter: number;
}

/** Captures ended spans as facts. Never throws into the bot; never keeps an ended span. */
export function createFactProcessor({ mapping, sink, clock, capture, unfinishedAfter }: ProcessorOptions) {
  const open = new Map<object, Open>();
  const declared = new WeakSet<object>();
  const alone = new WeakSet<object>();
  const resources = createResources();
  let inFlight = 0;

  function start(span: ReadableSpan, context: Context): void {
    const parent = trace.getSpan(context) as (Partial<ReadableSpan> & object) | undefined;
    if (parent !== undefined) noteChild(parent);
    const counts = mapping.kindOf(span.attributes as Attributes) !== undefined;
    if (counts) inFlight += 1;
    open.set(span, { since: clock.mono(), inherited: inheritedOf(context), inFlight: counts, hasChildren: false });
    if (open.size > OPEN_LIMIT) giveUpOldest();
  }

  /** A root that was alone when it ended is not any more. */
  function noteChild(parent: Partial<ReadableSpan> & object): void {
    const known = open.get(parent);
    if (known !== undefined) known.hasChildren = true;
    else if (alone.delete(parent)) {
      const made = mapping.span(shapeOfSpan(parent as ReadableSpan, resources));
      if ("agent" in made) sink.link(made);
    }
  }

  function end(span: ReadableSpan): void {
    if (declared.delete(span)) {
      capture.counts.lateEnds += 1;
      return;
    }
    const known = open.get(span);
    if (known !== undefined) close(span, known);
    if (span.droppedAttributesCount > 0) capture.truncated();
    const made = mapping.span(shapeOfSpan(span, resources), known?.inherited);
    if ("kind" in made) sink.fact(made);
    else if ("refused" in made) capture.refuse(made.refused);
    else if (made.parentId === undefined && known?.hasChildren === false) alone.add(span);
    else sink.link(made);
  }

  function close(span: object, known: Open): void {
    open.delete(span);
    if (known.inFlight) inFlight -= 1;
  }

  function giveUpOldest(): void {
    for (const [span, known] of open) {
      close(span, known);
      capture.counts.unwatched += 1;
      return;
    }
  }

  function sweep(): void {
    const since = clock.mono() - unfinishedAfter;
    const due: [ReadableSpan, Open][] = [];
    for (const [span, known] of open) {
      if (known.since > since) break;
      due.push([span as ReadableSpan, known]);
    }
    // The inner one of two nested calls started later, and is the one that counts: it goes first.
    for (const [span, known] of due.toReversed()) {
      const kind = mapping.kindOf(span.attributes as Attributes);
      if (kind === "request" || kind === "tool") capture.guard(() => declare(span, known));
    }
  }

  function declare(span: ReadableSpan, known: Open): void {
    close(span, known);
    declared.add(span);
    const now = clock.now();
    const shape = shapeOfSpan(span, resources);
    const attributes = { ...shape.attributes, [ATTRIBUTES.errorType[0]]: UNFINISHED };
    const end = { ms: now, ns: 0 };
    const made = mapping.span({ ...shape, end, error: true, attributes }, known.inherited);
    if (!("kind" in made)) return;
    capture.counts.unfinished += 1;
    sink.fact(withoutException(made));
  }

  const processor: FactProcessor = {
    onStart: (span, context) => capture.guard(() => start(span, context)),
    onEnd: (span) => capture.guard(() => end(span)),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    knows: (span) => open.has(span),
    inFlight: () => inFlight,
    sweep: () => capture.guard(sweep),
  };
  return processor;
}

/** What an exception event says of a span that still runs is not why it failed. */
function withoutException(fact: Fact): Fact {
  return { ...fact, errorMessage: undefined, stack: undefined } as Fact;
}
