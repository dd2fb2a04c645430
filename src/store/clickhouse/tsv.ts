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
  const fields: Value[] = line.split("\t");
  if (!line.includes("\\")) return fields;
  return fields.map((text) => (text === "\\N" ? undefined : text?.replace(/\\(.)/g, unescape)));
}

function unescape(_: string, escaped: string): string {
  return CHARACTERS.get(escaped) ?? escaped;
}
