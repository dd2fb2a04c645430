import type { Instant } from "../../contract/span.ts";
import { malformed } from "../limits.ts";

/** A place in a protobuf message. Every read is held to `end`: a body that lies about a length is refused. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
  end: number;
}

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

/** Above it no number of a field is valid. */
const MAX_FIELD = 536_870_911;

export function cursorOf(bytes: Buffer): Cursor {
  return { bytes, at: 0, end: bytes.length };
}

/** The low 32 bits of a varint, unsigned. @throws {BotelError} INVALID_PARAMETER past the end or after 10 bytes */
export function varint(cursor: Cursor): number {
  const { bytes, end } = cursor;
  let { at } = cursor;
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw tooShort();
    const byte = bytes[at++]!;
    if (shift < 35) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.at = at;
      return value >>> 0;
    }
  }
  throw malformed("a number is longer than 10 bytes");
}

/** A whole 64-bit number, signed: a number where it is a safe integer, else a bigint. */
export function int64(cursor: Cursor): number | bigint {
  const { bytes, end } = cursor;
  let { at } = cursor;
  let [low, middle, high] = [0, 0, 0];
  for (let byte = 0; byte < 10; byte += 1) {
    if (at >= end) throw tooShort();
    const next = bytes[at++]!;
    const bits = next & 0x7f;
    if (byte < 4) low |= bits << (7 * byte);
    else if (byte < 8) middle |= bits << (7 * (byte - 4));
    else high |= bits << (7 * (byte - 8));
    if (next < 0x80) {
      cursor.at = at;
      return signed(low, middle, high & 0xff);
    }
  }
  throw malformed("a number is longer than 10 bytes");
}

/** @param low 28 bits, @param middle the next 28, @param high the last 8 */
function signed(low: number, middle: number, high: number): number | bigint {
  if (high === 0 && middle < 0x200_0000) return middle * 0x1000_0000 + low;
  const value = BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A time in nanoseconds as whole ms and the rest: two 32-bit halves never meet in one float that would round them. */
export function instant(cursor: Cursor): Instant {
  const { bytes, at } = cursor;
  if (at + 8 > cursor.end) throw tooShort();
  cursor.at = at + 8;
  const low = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  const high = (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)) >>> 0;
  // 2^32 = 4294 * 1e6 + 967296; both products stay below 2^53.
  const rest = high * 967_296 + low;
  const ns = rest % 1_000_000;
  return { ms: high * 4294 + (rest - ns) / 1_000_000, ns };
}

export function double(cursor: Cursor): number {
  const { bytes, at } = cursor;
  if (at + 8 > cursor.end) throw tooShort();
  cursor.at = at + 8;
  return bytes.readDoubleLE(at);
}

/** Eight bytes as a signed whole number. */
export function sfixed64(cursor: Cursor): number {
  const { bytes, at } = cursor;
  if (at + 8 > cursor.end) throw tooShort();
  cursor.at = at + 8;
  return bytes.readInt32LE(at + 4) * 4_294_967_296 + bytes.readUInt32LE(at);
}

/** Eight bytes as an unsigned whole number, rounded above 2^53. */
export function fixed64(cursor: Cursor): number {
  const { bytes, at } = cursor;
  if (at + 8 > cursor.end) throw tooShort();
  cursor.at = at + 8;
  return bytes.readUInt32LE(at + 4) * 4_294_967_296 + bytes.readUInt32LE(at);
}

/** Reads a length. @returns where what it measures ends */
export function ending(cursor: Cursor): number {
  const end = varint(cursor) + cursor.at;
  if (end > cursor.end) throw tooShort();
  return end;
}

/** The number of the next field times 8, plus its wire type. */
export function tag(cursor: Cursor): number {
  const next = varint(cursor);
  const field = next >>> 3;
  if (field === 0 || field > MAX_FIELD) throw malformed(`there is no field ${field}`);
  return next;
}

/** Steps over what a tag announced. */
export function skip(cursor: Cursor, announced: number): void {
  const wire = announced & 7;
  if (wire === VARINT) varint(cursor);
  else if (wire === LENGTH) cursor.at = ending(cursor);
  else if (wire === FIXED64) forward(cursor, 8);
  else if (wire === FIXED32) forward(cursor, 4);
  else throw malformed(`there is no wire type ${wire}`);
}

function forward(cursor: Cursor, count: number): void {
  if (cursor.at + count > cursor.end) throw tooShort();
  cursor.at += count;
}

/**
 * Reads the message that comes next, field by field.
 *
 * @param field is given the tag of each field and reads its value, or returns false for one that it does not know
 */
export function message(cursor: Cursor, field: (announced: number) => boolean): void {
  const outer = cursor.end;
  cursor.end = ending(cursor);
  fields(cursor, field);
  cursor.end = outer;
}

/** Reads the fields up to the cursor's end; see {@link message}. */
export function fields(cursor: Cursor, field: (announced: number) => boolean): void {
  while (cursor.at < cursor.end) {
    const announced = tag(cursor);
    if (!field(announced)) skip(cursor, announced);
  }
}

function tooShort(): Error {
  return malformed("it ends in the middle of a field");
}
