import { BotelError } from "../contract/errors.ts";

/** What one OTLP request may hold; `config/default.yaml` documents each. */
export interface Limits {
  /** Spans, log records or metric points. */
  maxItems: number;
  /** Attributes of one of them, with all that they hold. */
  maxAttributes: number;
  /** Lists and maps inside each other. */
  maxDepth: number;
}

/** Values that one request may hold in all, so that a small body cannot become a large heap. */
const MAX_VALUES = 500_000;

/** What of its limits a request has used up. */
export interface Budget {
  readonly limits: Limits;
  items: number;
  values: number;
}

export function createBudget(limits: Limits): Budget {
  return { limits, items: 0, values: 0 };
}

/** @throws {BotelError} PAYLOAD_TOO_LARGE */
export function takeItem(budget: Budget): void {
  budget.items += 1;
  if (budget.items <= budget.limits.maxItems) return;
  throw new BotelError(
    "PAYLOAD_TOO_LARGE",
    `A request holds ${budget.limits.maxItems} items at the most (ingest.maxItems): send smaller batches.`,
  );
}

/** @throws {BotelError} PAYLOAD_TOO_LARGE */
export function takeValue(budget: Budget): void {
  budget.values += 1;
  if (budget.values <= MAX_VALUES) return;
  throw new BotelError("PAYLOAD_TOO_LARGE", `A request holds ${MAX_VALUES} values at the most: send smaller batches.`);
}

/** @returns what a body is refused with that is no OTLP request; a client must not send it again. */
export function malformed(what: string): BotelError {
  return new BotelError("INVALID_PARAMETER", `This is no OTLP request: ${what}.`);
}
