import { BotelError } from "../../contract/errors.ts";
import { malformed } from "../limits.ts";

/** Marks that make values, `{ [ ,`: a body of so many small ones would fill the heap. */
const MAX_MARKS = 1_500_000;

/** Times that are numbers: they would be rounded. In a text inside the JSON the quote has a backslash before it. */
const BARE_TIME = /UnixNano"\s*:\s*[\d-]/;
const BARE_TIMES = /(UnixNano"\s*:\s*)(-?\d[\d.eE+-]*)/g;

/** @throws {BotelError} INVALID_PARAMETER, PAYLOAD_TOO_LARGE */
export function parseJson(bytes: Buffer): JsonObject {
  if (bytes.length > MAX_MARKS && marksIn(bytes) > MAX_MARKS) {
    throw new BotelError(
      "PAYLOAD_TOO_LARGE",
      `A JSON body holds ${MAX_MARKS} values at the most: send smaller batches.`,
    );
  }
  const text = bytes.toString("utf8");
  return objectAt(parsed(BARE_TIME.test(text) ? text.replaceAll(BARE_TIMES, '$1"$2"') : text), "the body");
}

function marksIn(bytes: Buffer): number {
  let marks = 0;
  for (const byte of bytes) if (byte === 0x7b || byte === 0x5b || byte === 0x2c) marks += 1;
  return marks;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed((error as Error).message.slice(0, 100));
  }
}

/** What JSON holds, of whatever type. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {BotelError} INVALID_PARAMETER where it is none */
export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw malformed(`${where} is no object`);
}

/** @returns an empty one where there is none. @throws {BotelError} INVALID_PARAMETER */
export function optionalObject(value: unknown, where: string): JsonObject {
  return value === undefined || value === null ? NOTHING : objectAt(value, where);
}
const NOTHING: JsonObject = {};

/** @returns an empty one where there is none. @throws {BotelError} INVALID_PARAMETER */
export function listAt(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw malformed(`${where} is no list`);
}

/** @returns undefined where it is absent or empty. @throws {BotelError} INVALID_PARAMETER */
export function textAt(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  throw malformed(`${where} is no text`);
}

/** A whole number of up to 64 bits, as JSON has it: a text or a number. @throws {BotelError} INVALID_PARAMETER */
export function wholeAt(value: unknown, where: string): number | bigint {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) throw malformed(`${where} is no whole number`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** A number with fractions. @throws {BotelError} INVALID_PARAMETER */
export function numberAt(value: unknown, where: string): number {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (typeof value === "string" && /^-?\d[\d.eE+-]*$/.test(value) && Number.isFinite(Number(value)))
    return Number(value);
  throw malformed(`${where} is no number`);
}
