import { hash, randomBytes } from "node:crypto";
import RateLimiterMemory from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import { BotelError } from "../../contract/errors.ts";

/** What a request is counted against (contract §6). */
export type Budget = "client" | "session" | "ingest" | "metrics";

export interface Budgets {
  /** @throws {BotelError} RATE_LIMITED where the client has asked as often as it may in a minute */
  spend(budget: Budget, client: string): Promise<void>;
}

/** @param perMinute how often each client may ask; undefined: there is no limit */
export function createBudgets(perMinute: Readonly<Record<Budget, number>> | undefined): Budgets {
  if (perMinute === undefined) return { spend: () => Promise.resolve() };
  const of = (budget: Budget) => new RateLimiterMemory({ keyPrefix: budget, points: perMinute[budget], duration: 60 });
  const limiters = { client: of("client"), session: of("session"), ingest: of("ingest"), metrics: of("metrics") };
  return {
    async spend(budget, client) {
      try {
        await limiters[budget].consume(client);
      } catch (refused) {
        const { msBeforeNext } = refused as { msBeforeNext: number };
        const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000));
        const sentence = `One client may ask ${perMinute[budget]} times a minute here; come back in ${retryAfter} s.`;
        throw new BotelError("RATE_LIMITED", sentence, { retryAfter });
      }
    },
  };
}

const SLOTS = 65_536;

/**
 * Addresses as keys of budgets. There are more of them than anybody can remember: each falls into one of 65,536 slots,
 * which one is another at every start, and those that share a slot share its budget.
 */
export function createSlots(): (address: string) => string {
  const salt = randomBytes(16).toString("hex");
  return (address) => `slot ${Number.parseInt(hash("sha256", salt + address, "hex").slice(0, 8), 16) % SLOTS}`;
}
