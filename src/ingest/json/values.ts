import type { AttributeValue, Instant } from "../../contract/span.ts";
import { malformed, takeValue, type Budget } from "../limits.ts";
import { put, TOO_DEEP } from "../values.ts";
import { listAt, numberAt, objectAt, optionalObject, textAt, wholeAt } from "./parse.ts";

/** Reads a list of KeyValues. @returns the attributes and how many values they hold in all */
export function attributesAt(
  value: unknown,
  where: string,
  budget: Budget,
  names?: ReadonlySet<string>,
): { attributes: Record<string, AttributeValue>; held: number } {
  const before = budget.values;
  const attributes: Record<string, AttributeValue> = {};
  for (const each of listAt(value, where)) pairAt(each, where, budget, attributes, 0, names);
  return { attributes, held: budget.values - before };
}

const KEY = "a key of an attribute";

function pairAt(
  value: unknown,
  where: string,
  budget: Budget,
  into: Record<string, AttributeValue>,
  depth: number,
  names?: ReadonlySet<string>,
): void {
  takeValue(budget);
  const pair = objectAt(value, where);
  const key = textAt(pair.key, KEY) ?? "";
  if (names === undefined || names.has(key)) put(into, key, anyValueAt(pair.value, key, budget, depth));
}

/** Reads an AnyValue. @throws {BotelError} INVALID_PARAMETER */
export function anyValueAt(value: unknown, where: string, budget: Budget, depth = 0): AttributeValue {
  const any = optionalObject(value, where);
  if (typeof any.stringValue === "string") return any.stringValue;
  if (isThere(any.intValue)) return wholeAt(any.intValue, where);
  if (isThere(any.doubleValue)) return numberAt(any.doubleValue, where);
  if (typeof any.boolValue === "boolean") return any.boolValue;
  if (isThere(any.arrayValue)) return arrayAt(any.arrayValue, where, budget, depth);
  if (isThere(any.kvlistValue)) return mapAt(any.kvlistValue, where, budget, depth);
  if (isThere(any.bytesValue)) return textAt(any.bytesValue, where) ?? "";
  if (isThere(any.stringValue) || isThere(any.boolValue)) throw malformed(`${where} is of the wrong type`);
  return undefined;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function arrayAt(value: unknown, where: string, budget: Budget, depth: number): AttributeValue {
  if (depth >= budget.limits.maxDepth) return TOO_DEEP;
  return listAt(objectAt(value, where).values, where).map((item) => {
    takeValue(budget);
    return anyValueAt(item, where, budget, depth + 1);
  });
}

function mapAt(value: unknown, where: string, budget: Budget, depth: number): AttributeValue {
  if (depth >= budget.limits.maxDepth) return TOO_DEEP;
  const entries: Record<string, AttributeValue> = {};
  for (const each of listAt(objectAt(value, where).values, where)) pairAt(each, where, budget, entries, depth + 1);
  return entries;
}

/**
 * Nanoseconds since 1970 as whole ms and the rest, cut out of the digits, so that nothing is rounded.
 *
 * @returns undefined where there is none, or 0, which stands for none
 */
export function instantAt(value: unknown, where: string): Instant | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === "string" && /^\d{1,20}$/.test(value) ? value : String(wholeTime(value, where));
  const time = { ms: Number(text.slice(0, -6)), ns: Number(text.slice(-6)) };
  return time.ms === 0 && time.ns === 0 ? undefined : time;
}

function wholeTime(value: unknown, where: string): bigint {
  const number = numberAt(value, where);
  if (!Number.isInteger(number) || number < 0) throw malformed(`${where} is no time`);
  return BigInt(number);
}

/** @returns lower-case hex digits; empty where it is no id of that length. */
export function idAt(value: unknown, digits: number, where: string): string {
  const text = textAt(value, where);
  return text?.length === digits && /^[0-9a-fA-F]+$/.test(text) ? text.toLowerCase() : "";
}
