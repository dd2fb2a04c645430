import { SCOPES, type Token } from "../../contract/access.ts";
import type { BotelError } from "../../contract/errors.ts";
import { isLoopback } from "../../lib/address.ts";
import type { Clock } from "../../lib/clock.ts";
import { createBudgets, createSlots, type Budgets } from "./budgets.ts";
import { createOrigins } from "./clients.ts";
import { createKeyring, type Keyring, type TokenSource } from "./keyring.ts";

/** Why a request was refused, for the count of them. */
export const REFUSALS = [
  "no_token",
  "unknown_token",
  "expired_token",
  "scope",
  "host",
  "cross_site",
  "rate",
  "connections",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** All that decides who may ask (contract §6); both ports have the same. */
export interface Access {
  keyring: Keyring;
  budgets: Budgets;
  originOf: ReturnType<typeof createOrigins>;
  /** An address as a key of budgets. */
  slotOf: (address: string) => string;
  /** Lower case. */
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
  /** Open event streams of one client. */
  maxStreams: number;
  /** Counts it. @returns the error, to be thrown */
  refused(why: Refusal, error: BotelError): BotelError;
  count(why: Refusal): void;
  counts(): Record<Refusal, number>;
}

export interface AccessOptions {
  server: { host: string };
  rateLimit: number;
  access: {
    environmentToken?: string;
    hosts: readonly string[];
    origins: readonly string[];
    trustedProxies: readonly string[];
    maxStreams: number;
    rateLimits: { session: number; ingest: number; metrics: number };
  };
}

/**
 * @param settings as they are
 * @param file of tokens
 * @param report takes one line
 */
export function createAccess(
  { server, rateLimit, access }: AccessOptions,
  file: TokenSource,
  clock: Clock,
  report: (line: string) => void,
): Access {
  const { environmentToken, hosts, origins, trustedProxies, maxStreams, rateLimits } = access;
  const counts = Object.fromEntries(REFUSALS.map((why) => [why, 0])) as Record<Refusal, number>;
  const own: Token[] = environmentToken ? [{ name: "BOTEL_TOKEN", scopes: SCOPES, sha256: environmentToken }] : [];
  const perMinute = { client: rateLimit, ...rateLimits, session: Math.max(rateLimit, rateLimits.session) };
  const count = (why: Refusal): void => void (counts[why] += 1);
  return {
    keyring: createKeyring({ own, file, wide: !isLoopback(server.host), clock, report }),
    budgets: createBudgets(rateLimit === 0 ? undefined : perMinute),
    originOf: createOrigins(trustedProxies),
    slotOf: createSlots(),
    hosts: new Set(hosts.map((host) => host.toLowerCase())),
    origins: new Set(origins),
    maxStreams,
    refused(why, error) {
      count(why);
      return error;
    },
    count,
    counts: () => ({ ...counts }),
  };
}
