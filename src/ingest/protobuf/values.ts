import type { AttributeValue } from "../../contract/span.ts";
import { takeValue, type Budget } from "../limits.ts";
import { TOO_DEEP, put } from "../values.ts";
import { double, ending, int64, LENGTH, message, skip, tag, varint, type Cursor } from "./cursor.ts";
import type { Names, Texts } from "./texts.ts";

export type MutableAttributes = Record<string, AttributeValue>;

/** Reads attributes and their values out of one request. */
export interface Values {
  /**
   * Reads one KeyValue into the attributes.
   *
   * @param names where given, others are stepped over unread
   * @returns how many values it held, itself with them
   */
  keyValue(cursor: Cursor, into: MutableAttributes, names?: Names): number;
  /** Reads an AnyValue. */
  anyValue(cursor: Cursor): AttributeValue;
  text(cursor: Cursor): string;
}

export function createValues(budget: Budget, texts: Texts): Values {
  const { maxDepth } = budget.limits;
  let [depth, values] = [0, 0];

  function keyValue(cursor: Cursor, into: MutableAttributes, names?: Names): number {
    const before = values;
    pair(cursor, into, names);
    return values - before;
  }

  function pair(cursor: Cursor, into: MutableAttributes, names: Names | undefined): void {
    counted();
    const outer = cursor.end;
    cursor.end = ending(cursor);
    let key: string | undefined = names === undefined ? "" : undefined;
    let valueAt = -1;
    while (cursor.at < cursor.end) {
      const announced = tag(cursor);
      if (announced === KEY) {
        const end = ending(cursor);
        key = names === undefined ? texts.read(cursor.bytes, cursor.at, end) : names.find(cursor.bytes, cursor.at, end);
        cursor.at = end;
      } else {
        if (announced === VALUE) valueAt = cursor.at;
        skip(cursor, announced);
      }
    }
    if (key !== undefined) {
      const after = cursor.at;
      cursor.at = valueAt;
      put(into, key, valueAt < 0 ? undefined : anyValue(cursor));
      cursor.at = after;
    }
    cursor.end = outer;
  }

  function anyValue(cursor: Cursor): AttributeValue {
    const outer = cursor.end;
    cursor.end = ending(cursor);
    let value: AttributeValue;
    while (cursor.at < cursor.end) {
      const announced = tag(cursor);
      if (announced === STRING) value = text(cursor);
      else if (announced === INT) value = int64(cursor);
      else if (announced === DOUBLE) value = double(cursor);
      else if (announced === BOOL) value = varint(cursor) !== 0;
      else if (announced === ARRAY) value = deeper(cursor, array);
      else if (announced === MAP) value = deeper(cursor, map);
      else if (announced === BYTES) value = base64(cursor);
      else skip(cursor, announced);
    }
    cursor.end = outer;
    return value;
  }

  function deeper(cursor: Cursor, read: (cursor: Cursor) => AttributeValue): AttributeValue {
    if (depth >= maxDepth) {
      cursor.at = ending(cursor);
      return TOO_DEEP;
    }
    depth += 1;
    try {
      return read(cursor);
    } finally {
      depth -= 1;
    }
  }

  function array(cursor: Cursor): AttributeValue[] {
    const items: AttributeValue[] = [];
    message(cursor, (announced) => {
      if (announced !== ITEM) return false;
      counted();
      items.push(anyValue(cursor));
      return true;
    });
    return items;
  }

  function map(cursor: Cursor): MutableAttributes {
    const entries: MutableAttributes = {};
    message(cursor, (announced) => {
      if (announced !== ITEM) return false;
      pair(cursor, entries, undefined);
      return true;
    });
    return entries;
  }

  function counted(): void {
    values += 1;
    takeValue(budget);
  }

  function text(cursor: Cursor): string {
    const end = ending(cursor);
    const value = texts.read(cursor.bytes, cursor.at, end);
    cursor.at = end;
    return value;
  }

  return { keyValue, anyValue, text };
}

/** Bytes are shown as JSON has them. */
function base64(cursor: Cursor): string {
  const end = ending(cursor);
  const value = cursor.bytes.toString("base64", cursor.at, end);
  cursor.at = end;
  return value;
}

// KeyValue
const KEY = (1 << 3) | LENGTH;
const VALUE = (2 << 3) | LENGTH;
// AnyValue
const STRING = (1 << 3) | LENGTH;
const BOOL = 2 << 3;
const INT = 3 << 3;
const DOUBLE = (4 << 3) | 1;
const ARRAY = (5 << 3) | LENGTH;
const MAP = (6 << 3) | LENGTH;
const BYTES = (7 << 3) | LENGTH;
// ArrayValue, KeyValueList
const ITEM = (1 << 3) | LENGTH;
