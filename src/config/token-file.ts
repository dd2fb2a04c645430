import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { SCOPES, type Token } from "../contract/access.ts";
import { makeFolder } from "../lib/make-folder.ts";

/** Each request is compared with all of them. */
const MAX_TOKENS = 200;

export const tokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "takes 1 to 64 letters, digits, dots, dashes and underscores");

const tokenFile = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: tokenName,
        scopes: z.array(z.enum(SCOPES)).min(1),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in hex"),
        expires: z.iso.datetime().optional(),
      }),
    )
    .max(MAX_TOKENS),
});

/**
 * Tokens of the file that `botel token` writes; none where there is no file.
 *
 * @throws {Error} with one line, where the file cannot be read or is not what `botel token` writes
 */
export function readTokens(file: string): Token[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const read = tokenFile.safeParse(parse(text));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(
      `${file} is no file of tokens (${issue?.path.join(".") || "file"}: ${issue?.message}); move it away`,
    );
  }
  return read.data.tokens.map(({ expires, ...token }) => ({
    ...token,
    expiresMs: expires === undefined ? undefined : Date.parse(expires),
  }));
}

/** Writes all tokens anew: a reader sees the old file or the new one, and only this user can read it. */
export function writeTokens(file: string, tokens: readonly Token[]): void {
  if (tokens.length > MAX_TOKENS) throw new Error(`${MAX_TOKENS} tokens are the most there may be; revoke one first`);
  const rows = tokens.map(({ expiresMs, ...token }) => ({
    ...token,
    expires: expiresMs === undefined ? undefined : new Date(expiresMs).toISOString(),
  }));
  makeFolder(dirname(file));
  const next = `${file}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify({ tokens: rows }, undefined, 2)}\n`, { mode: 0o600, flush: true });
  chmodSync(next, 0o600);
  renameSync(next, file);
}

/** Differs from what it was where the file was written in between; undefined where there is none. */
export function versionOfTokens(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.ino} ${found.mtimeMs} ${found.size}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
