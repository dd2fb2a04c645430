import { ATTRIBUTES, MODEL_KIND, PROVIDERS } from "../contract/attributes.ts";
import type { Attributes } from "../contract/span.ts";
import type { Fields } from "./fields.ts";
import { nameOf } from "./values.ts";

const KNOWN: ReadonlyMap<string, string> = new Map(Object.entries(PROVIDERS));

/**
 * `gen_ai.provider.name` as it is; where another name says it, in the conventions' word, so that the channels of all
 * dialects are the same.
 */
export function providerOf(fields: Fields, attributes: Attributes): string | undefined {
  const name = nameOf(fields.provider);
  if (name === undefined || fields.provider === attributes[ATTRIBUTES.provider[0]]) return name;
  const bare = attributes[AI_SDK] === undefined ? name : name.replace(MODEL_KIND, "");
  return KNOWN.get(bare.toLowerCase()) ?? bare;
}

const AI_SDK = "ai.model.provider" satisfies (typeof ATTRIBUTES.provider)[number];
