import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { BotelError } from "../contract/errors.ts";
import type { OwnerKind } from "../contract/fact.ts";

/** Pseudonyms that are held; an HMAC takes as long as ten look-ups. */
const KNOWN = 20_000;
/** Hex digits of a pseudonym: 128 bits. */
const DIGITS = 32;
const KEY_BYTES = 32;

/**
 * Stable pseudonyms: HMAC-SHA-256 of an id under a key. Who has the key can tell whose a pseudonym is, by trying ids;
 * nobody else can.
 *
 * @returns `u-…` of a user, `g-…` of a group, 34 characters
 */
export function createPseudonyms(key: string): (kind: OwnerKind, id: string) => string {
  const known = new Map<string, string>();

  return (kind, id) => {
    const name = `${kind}:${id}`;
    let pseudonym = known.get(name);
    if (pseudonym === undefined) {
      pseudonym = `${kind.charAt(0)}-${createHmac("sha256", key).update(name).digest("hex").slice(0, DIGITS)}`;
      if (known.size >= KNOWN) known.clear();
      known.set(name, pseudonym);
    }
    return pseudonym;
  };
}

/**
 * The key that is kept in a file of its own, readable by botel's user only; made where there is none.
 *
 * @throws {BotelError} UNAVAILABLE where it can be neither read nor made
 */
export function keptKey(file: string): string {
  try {
    return readKey(file) ?? makeKey(file) ?? (readKey(file) as string);
  } catch (error) {
    throw new BotelError(
      "UNAVAILABLE",
      `The key of the pseudonyms, ${file}, cannot be used: ${(error as Error).message}.`,
      {
        cause: error,
      },
    );
  }
}

function readKey(file: string): string | undefined {
  try {
    const key = readFileSync(file, "utf8").trim();
    if (key.length < KEY_BYTES) throw new Error("it is too short; restore it, or remove it and get other pseudonyms");
    chmodSync(file, 0o600);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns undefined where another one made it meanwhile */
function makeKey(file: string): string | undefined {
  const key = randomBytes(KEY_BYTES).toString("hex");
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  try {
    writeSync(handle, `${key}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return key;
}
