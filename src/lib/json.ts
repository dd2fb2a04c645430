import { HIDDEN, maskStart } from "./mask.ts";
import type { Mask } from "./mask.ts";
import { cutText } from "./text.ts";

export interface JsonBounds {
  /** Characters of the text, closing brackets aside. */
  maxChars: number;
  /** True for a key whose value is not to be shown. */
  hide?: (key: string) => boolean;
  /** Hides what is not to be shown in a text. */
  mask?: Mask;
}

export interface BoundedJson {
  /** Always valid JSON. */
  json: string;
  /** True where something was left out for its size or depth. */
  truncated: boolean;
  /** Values that were hidden. */
  hidden: number;
}

const MAX_DEPTH = 32;
/** Longer strings are not parsed. */
const PARSE_MAX = 262_144;
/** Room that is left for a marker and the closing brackets. */
const MIN_STRING = 8;
/** A smaller number has too few digits to be somebody's. */
const MASKED_FROM = 1e9;

/**
 * Writes any value as JSON within bounds: work and size are bounded for deep, huge and cyclic structures alike. A string
 * that holds JSON is written as what it holds; one deeper inside stays a string, its hidden keys hidden too.
 *
 * Never throws: what cannot be read is written as `"[unreadable]"`.
 */
export function boundedJson(value: unknown, bounds: JsonBounds): BoundedJson {
  const writer = createWriter(bounds);
  if (typeof value === "string") {
    const parsed = parse(value);
    if (parsed === undefined) writer.string(value);
    else writer.value(parsed.value, 0);
  } else {
    writer.value(value, 0);
  }
  return writer.done();
}

/** Spares most plain text the throw of a failed parse. */
const MAY_BE_JSON = /^\s*(?:[[{"]|-?\d|(?:true|false|null)\s*$)/;

function parse(text: string): { value: unknown } | undefined {
  if (text.length > PARSE_MAX || !MAY_BE_JSON.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function createWriter({ maxChars, hide, mask }: JsonBounds) {
  let json = "";
  let truncated = false;
  let hidden = 0;
  let steps = 0;
  const path = new Set<object>();

  /** @returns whether there is room for one more value. */
  function room(): boolean {
    steps += 1;
    if (json.length + MIN_STRING <= maxChars && steps <= maxChars) return true;
    truncated = true;
    return false;
  }

  function string(text: string): void {
    let left = Math.max(MIN_STRING, maxChars - json.length);
    const open = hide === undefined || !looksLikeJson(text) ? text : hideInside(text);
    const safe = mask === undefined ? open : maskStart(open, left, mask);
    let quoted = JSON.stringify(cutText(safe, left));
    while (quoted.length > left + 2 && left > MIN_STRING) {
      left = Math.max(MIN_STRING, left >> 1);
      quoted = JSON.stringify(cutText(safe, left));
    }
    if (safe.length > left || open.length > left) truncated = true;
    json += quoted;
  }

  /** Hides keys in a string that holds JSON, or a piece of it. */
  function hideInside(text: string): string {
    const parsed = parse(text);
    const before = hidden;
    if (parsed !== undefined) {
      const inner = boundedJson(parsed.value, { maxChars: PARSE_MAX, hide, mask });
      hidden += inner.hidden;
      return hidden > before ? inner.json : text;
    }
    const piece = text.length > maxChars ? text.slice(0, maxChars) : text;
    if (piece.length < text.length) truncated = true;
    return hideInPiece(piece, hide!, () => (hidden += 1));
  }

  function value(given: unknown, depth: number): void {
    const plain = readable(given);
    if (typeof plain === "string") string(plain);
    else if (typeof plain === "object" && plain !== null) structure(plain, depth);
    else if (isHiddenNumber(plain)) json += `"${HIDDEN}"`;
    else if (typeof plain === "bigint") json += Number.isSafeInteger(Number(plain)) ? String(plain) : `"${plain}"`;
    else json += JSON.stringify(plain) ?? "null";
  }

  function isHiddenNumber(plain: unknown): boolean {
    if (mask === undefined || (typeof plain !== "number" && typeof plain !== "bigint") || plain < MASKED_FROM)
      return false;
    const digits = String(plain);
    return mask(digits) !== digits;
  }

  function key(name: string): string {
    const cut = cutText(name, 256);
    return JSON.stringify(mask === undefined ? cut : mask(cut));
  }

  function structure(plain: object, depth: number): void {
    if (path.has(plain)) json += '"[circular]"';
    else if (depth >= MAX_DEPTH) {
      truncated = true;
      json += '"[deeper]"';
    } else {
      path.add(plain);
      if (Array.isArray(plain)) array(plain, depth);
      else object(plain as Record<string, unknown>, depth);
      path.delete(plain);
    }
  }

  function array(items: readonly unknown[], depth: number): void {
    json += "[";
    for (let index = 0; index < items.length && room(); index++) {
      if (index > 0) json += ",";
      value(items[index], depth + 1);
    }
    json += "]";
  }

  function object(plain: Record<string, unknown>, depth: number): void {
    json += "{";
    let first = true;
    for (const name of Object.keys(plain)) {
      if (!room()) break;
      const item = property(plain, name);
      if (item === undefined || typeof item === "function" || typeof item === "symbol") continue;
      json += `${first ? "" : ","}${key(name)}:`;
      first = false;
      if (hide?.(name)) {
        hidden += 1;
        json += `"${HIDDEN}"`;
      } else value(item, depth + 1);
    }
    json += "}";
  }

  return { value, string, done: (): BoundedJson => ({ json, truncated, hidden }) };
}

const UNREADABLE = "[unreadable]";

function property(plain: Record<string, unknown>, key: string): unknown {
  try {
    return plain[key];
  } catch {
    return UNREADABLE;
  }
}

/** @returns a value whose kind the writer knows: bytes, errors and what has a `toJSON` are turned. */
function readable(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  try {
    if (ArrayBuffer.isView(given)) return `[${given.byteLength} bytes]`;
    if (given instanceof Error) return { name: given.name, message: given.message };
    const { toJSON } = given as { toJSON?: unknown };
    return typeof toJSON === "function" ? (toJSON.call(given) as unknown) : given;
  } catch {
    return UNREADABLE;
  }
}

function looksLikeJson(text: string): boolean {
  return /^\s{0,8}[[{]/.test(text);
}

/** The end of a key, and the backslashes before its quote where the JSON is inside a string. */
const KEY = /([^"\\]{1,128})(\\*)"\s*:\s*/g;
const SIMPLE = /"(?:[^"\\]|\\.)*"?|[^"[{,}\]\s]+/y;

/** Hides keys in text that was JSON before it was cut; a hidden value whose end is not sure ends the text. */
function hideInPiece(piece: string, hide: (key: string) => boolean, count: () => void): string {
  let out = "";
  let from = 0;
  for (const match of piece.matchAll(KEY)) {
    const [whole, key, inString] = match as unknown as [string, string, string];
    if (match.index < from || !hide(key)) continue;
    count();
    const at = match.index + whole.length;
    out += `${piece.slice(from, at)}"${HIDDEN}"`;
    SIMPLE.lastIndex = at;
    if (inString !== "" || !SIMPLE.test(piece)) return out;
    from = SIMPLE.lastIndex;
  }
  return out + piece.slice(from);
}
