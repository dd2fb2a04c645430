import type { Mapping } from "../contract/mapping.ts";
import { isAgent, kindOf } from "./kind.ts";
import { toRecord } from "./record.ts";
import { createRedactor } from "./redact.ts";
import type { RedactOptions } from "./redact.ts";
import { toFact } from "./span.ts";

/** @param content what is kept of tool arguments and results, log records and texts of failures */
export function createMapping(content: RedactOptions): Mapping {
  const redactor = createRedactor(content);
  return {
    kindOf,
    isAgent,
    span: (span, inherited) => toFact(span, inherited, redactor),
    record: (record, key, inherited) => toRecord(record, key, inherited, redactor),
  };
}
