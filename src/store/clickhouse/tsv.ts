/*
 * ClickHouse's TabSeparated, the format that both old and new servers read and write fastest: a line a row, a tab between
 * values, and `\N` for one that is NULL.
 */

/** A value as it was read; undefined: NULL. */
export type Value = string | undefined;

// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const SPECIAL = /[\\\t\n\r\b\f\0]/;
// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const ALL_SPECIAL = /[\\\t\n\r\b\f\0]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
  "\0": "\\0",
};
const CHARACTERS = new Map(Object.entries(ESCAPES).map(([character, escape]) => [escape.charAt(1), character]));
CHARACTERS.set("u", "\u001f");

/** @returns the text as it stands in a line. */
export function field(text: string): string {
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, (character) => ESCAPES[character] ?? character) : text;
}

/** The same, for a column that may be NULL. */
export function nullable(text: string | undefined): string {
  return text === undefined ? "\\N" : field(text);
}

/** @returns the values of a line without its end. */
export function readLine(line: string): Value[] {
  return readFields(line.split("\t"), line);
}

function readFields(fields: Value[], line: string): Value[] {
  if (!line.includes("\\")) return fields;
  return fields.map((text) => (text === "\\N" ? undefined : text?.replace(/\\(.)/g, unescape)));
}

function unescape(_: string, escaped: string): string {
  return CHARACTERS.get(escaped) ?? escaped;
}

/** Between the values of a line that is itself a value: it need not be escaped. */
const UNIT = "\u001f";

/** @returns a line, whose values are escaped already, as one value of another line */
export function writeInner(line: string): string {
  // Where a text has the separator itself, it becomes an escape that only `readInner` knows.
  const safe = line.includes(UNIT) ? line.replaceAll(UNIT, "\\u") : line;
  const joined = safe.replaceAll("\t", UNIT);
  return joined.includes("\\") ? joined.replaceAll("\\", "\\\\") : joined;
}

/** @param value as `readLine` gives it */
export function readInner(value: string): Value[] {
  return readFields(value.split(UNIT), value);
}
