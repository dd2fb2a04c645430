import { createAccess, type Access, type AccessOptions } from "../../src/api/access/access.ts";
import type { Scope, Token } from "../../src/contract/access.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { sha256 } from "../../src/lib/digest.ts";

export interface AccessParts {
  /** Tokens of the file; changed in place, they are others from then on. */
  tokens?: Token[];
  settings?: Partial<AccessOptions["access"]>;
  host?: string;
  rateLimit?: number;
  clock?: Clock;
  report?: (line: string) => void;
}

/** Who may ask in a test: without tokens everybody on this machine. */
export function accessOf({ tokens = [], settings, host, rateLimit, clock, report }: AccessParts = {}): Access {
  return createAccess(
    {
      server: { host: host ?? "127.0.0.1" },
      rateLimit: rateLimit ?? 60,
      access: {
        hosts: [],
        origins: [],
        trustedProxies: [],
        maxStreams: 5,
        rateLimits: { session: 600, ingest: 60_000, metrics: 600 },
        ...settings,
      },
    },
    { version: () => JSON.stringify(tokens), read: () => [...tokens] },
    clock ?? systemClock,
    report ?? (() => {}),
  );
}

/** A token as it is kept. */
export function token(name: string, secret: string, scopes: Scope[] = ["read"], expiresMs?: number): Token {
  return { name, scopes, sha256: sha256(secret), expiresMs };
}
