import { createContextKey } from "@opentelemetry/api";
import type { Context } from "@opentelemetry/api";
import type { Inherited } from "../contract/span.ts";

/** User, group and channel travel here, never in baggage: no id reaches a provider's headers (contract §2). */
const KEY = createContextKey("botel.inherited");

export function inheritedOf(context: Context): Inherited | undefined {
  return context.getValue(KEY) as Inherited | undefined;
}

export function withInherited(context: Context, inherited: Inherited): Context {
  return context.setValue(KEY, inherited);
}
