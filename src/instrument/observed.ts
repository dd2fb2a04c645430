import { context, trace } from "@opentelemetry/api";
import type { Context, Span, SpanOptions, Tracer, TracerProvider } from "@opentelemetry/api";
import type { Inherited } from "../contract/span.ts";
import type { Times } from "./api.ts";
import { withInherited } from "./context.ts";
import { createFailing } from "./failing.ts";
import { quiet } from "./quiet.ts";

/** A span under way, and what the work inside it is told. */
export interface Observed {
  span: Span;
  /** Active while the work runs. */
  context: Context;
  /** Epoch ms, only of the past. */
  endTime?: number;
  fail: (error: unknown) => void;
}

let provider: TracerProvider | undefined;
let tracer: Tracer;

/** The tracer of the SDK that is registered now; looked up anew only when that changes. */
function currentTracer(): Tracer {
  const current = trace.getTracerProvider();
  if (current !== provider) {
    tracer = current.getTracer("botel");
    provider = current;
  }
  return tracer;
}

/** @returns undefined where the SDK fails: the work then runs unobserved. */
export function startObserved(
  name: string,
  options: SpanOptions,
  times: Times,
  inherited: Inherited,
): Observed | undefined {
  return quiet(() => {
    const active = context.active();
    const span = currentTracer().startSpan(name, { ...options, startTime: times.startTime }, active);
    const inside = withInherited(trace.setSpan(active, span), inherited);
    return { span, context: inside, endTime: times.endTime, fail: createFailing(span, times.endTime) };
  });
}

/**
 * Runs the work inside its span, which ends when the work settles. What the work throws is thrown on.
 *
 * @param settle is told the result before the span ends
 */
export async function runObserved<T, Handle>(
  observed: Observed | undefined,
  handle: Handle,
  work: (handle: Handle) => T | Promise<T>,
  settle?: (result: T, span: Span) => void,
): Promise<T> {
  if (observed === undefined) return work(handle);
  const { span, fail, endTime } = observed;
  try {
    const result = await context.with(observed.context, work, undefined, handle);
    if (settle !== undefined) quiet(() => settle(result, span));
    return result;
  } catch (error) {
    fail(error);
    throw error;
  } finally {
    quiet(() => span.end(endTime));
  }
}
