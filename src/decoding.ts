import type { Settings } from "./config/settings.ts";
import { SPAN_ATTRIBUTES } from "./contract/attributes.ts";
import { createMapping } from "./facts/mapping.ts";
import { createDecoder, type Decode } from "./ingest/decode.ts";
import { report } from "./lib/report.ts";

/** OTLP to facts, as it is done in the store's thread and beside it. */
export function createDecoding({ instrument, ingest }: Pick<Settings, "instrument" | "ingest">): Decode {
  const mapping = createMapping(instrument.content);
  return createDecoder({ mapping, attributes: SPAN_ATTRIBUTES, limits: ingest, report });
}
