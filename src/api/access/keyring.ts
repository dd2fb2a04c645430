import { timingSafeEqual } from "node:crypto";
import type { Token } from "../../contract/access.ts";
import { BotelError } from "../../contract/errors.ts";
import { writeSeconds } from "../../contract/wire/time.ts";
import type { Clock } from "../../lib/clock.ts";
import { sha256 } from "../../lib/digest.ts";

/** The tokens that are in force, as the file of tokens has them now. */
export interface Keyring {
  /** Whether a token is needed. Once it is, it stays so: where all tokens were revoked, nobody is let in. */
  guarded(): boolean;
  /**
   * The token whose secret this is, in constant time.
   *
   * @throws {BotelError} INVALID_TOKEN, TOKEN_EXPIRED
   */
  find(secret: string): Token;
  /** Whether a token that was found is still in force. */
  holds(token: Token): boolean;
}

export interface KeyringOptions {
  /** Tokens that no file has. */
  own: readonly Token[];
  file: TokenSource;
  /** True where other machines reach botel: without any token nobody is let in. */
  wide: boolean;
  clock: Clock;
  /** Takes one line. */
  report: (line: string) => void;
}

export interface TokenSource {
  /** Differs from what it was where the file was written in between. */
  version(): string | undefined;
  /** @throws {Error} with one line */
  read(): Token[];
}

/** A revoked token is good for no longer than this, in ms. */
const FRESH_MS = 1000;

export function createKeyring({ own, file, wide, clock, report }: KeyringOptions): Keyring {
  let tokens = own.map(digested);
  let version: string | undefined;
  let checkedAt = -Infinity;
  let guarded = wide;

  function current(): readonly Digested[] {
    const now = clock.mono();
    if (now - checkedAt < FRESH_MS) return tokens;
    checkedAt = now;
    try {
      refresh();
    } catch (error) {
      report(`the tokens stay as they were: ${(error as Error).message}`);
    }
    guarded ||= tokens.length > 0;
    return tokens;
  }

  function refresh(): void {
    const found = file.version();
    if (found === version) return;
    version = found; // also of a broken file: it is told once
    tokens = [...own, ...file.read()].map(digested);
  }

  return {
    guarded() {
      current();
      return guarded;
    },
    find(secret) {
      const token = match(secret, current());
      if (token === undefined) throw new BotelError("INVALID_TOKEN", "This token is not known: it may be revoked.");
      if (isOver(token, clock)) {
        const since = writeSeconds(token.expiresMs ?? 0);
        throw new BotelError("TOKEN_EXPIRED", `The token ${token.name} expired at ${since}: ask for a new one.`);
      }
      return token;
    },
    holds: (token) => !isOver(token, clock) && current().some(({ sha256 }) => sha256 === token.sha256),
  };
}

function isOver({ expiresMs = Infinity }: Token, clock: Clock): boolean {
  return clock.now() >= expiresMs;
}

type Digested = Token & { digest: Buffer };

function digested(token: Token): Digested {
  return { ...token, digest: Buffer.from(token.sha256, "hex") };
}

/** Hashes are compared, all of them and whole: how long it takes says nothing of how much was right. */
function match(secret: string, tokens: readonly Digested[]): Token | undefined {
  const digest = Buffer.from(sha256(secret), "hex");
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(digest, token.digest)) found = token;
  return found;
}
