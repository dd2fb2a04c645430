/*
 * The only way of a value into a statement: Debian's server knows no query parameters. Whatever text comes, the server
 * reads back the same (but for lone surrogates, which UTF-8 has no bytes for, and NUL and the like are told as escapes).
 */

/** Characters that end a literal, or begin an escape in it; and the control characters, so that a log shows them. */
// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const SPECIAL = /[\\'\u0000-\u001f\u007f]/g;

/** @returns `value` as a string literal, quotes included. */
export function text(value: string): string {
  return `'${value.replace(SPECIAL, escape)}'`;
}

function escape(character: string): string {
  if (character === "\\" || character === "'") return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/**
 * @returns `value` as a number literal
 * @throws {RangeError} where it is no whole number that a double holds exactly
 */
export function integer(value: number | bigint): string {
  // What came out of JSON may be anything, whatever its type says.
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

/**
 * @returns the name of a database, table or column, quoted
 * @throws {RangeError} where it is none that both ClickHouse and a person can read
 */
export function name(value: string): string {
  if (!/^[A-Za-z_]\w{0,63}$/.test(value)) throw new RangeError(`${JSON.stringify(value)} is no name of a table`);
  return `\`${value}\``;
}

/** @returns literals as `(a, b, c)`, for IN; one that no row equals where there are none. */
export function list(literals: readonly string[]): string {
  return literals.length === 0 ? "(NULL)" : `(${literals.join(", ")})`;
}
