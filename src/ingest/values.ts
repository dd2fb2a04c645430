import type { AttributeValue } from "../contract/span.ts";

/** Stands for what lies deeper than the limit. */
export const TOO_DEEP = "[deeper]";

/** Sets an attribute under whatever name, `__proto__` too. */
export function put(into: Record<string, AttributeValue>, key: string, value: AttributeValue): void {
  if (key !== "__proto__") into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}
