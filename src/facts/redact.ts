import { CONTENT_ATTRIBUTE } from "../contract/attributes.ts";
import type { Attributes, AttributeValue } from "../contract/span.ts";
import { boundedJson } from "../lib/json.ts";
import type { BoundedJson } from "../lib/json.ts";
import { createMask, maskStart } from "../lib/mask.ts";
import type { PatternName } from "../lib/mask.ts";
import { cutText } from "../lib/text.ts";

export interface RedactOptions {
  /** Characters that are kept of one value. */
  maxChars: number;
  /** Keys whose values are replaced: in any case, with any `-_.`, and as the end of a longer key (`x-api-key`). */
  redactKeys: readonly string[];
  /** What is hidden in any text, whatever its key. */
  redactPatterns: readonly PatternName[];
  /** False: of a failure only its type is kept, no message and no stack. */
  errorTexts: boolean;
}

export interface Redactor {
  /** A tool's arguments or result as JSON text, redacted and cut. */
  value(value: unknown): BoundedJson;
  /** A record's attributes as JSON text of an object, without prompts and replies; undefined where none is left. */
  attributes(attributes: Attributes): string | undefined;
  /** Text of at most `max` characters, redacted; undefined where it is empty or no text. */
  text(value: AttributeValue, max: number): string | undefined;
  /** The text of a failure, as {@link Redactor.text}; undefined where none is to be kept. */
  errorText(value: AttributeValue, max: number): string | undefined;
}

const KNOWN_KEYS = 2_000;

export function createRedactor({ maxChars, redactKeys, redactPatterns, errorTexts }: RedactOptions): Redactor {
  const mask = createMask(redactPatterns, redactKeys);
  const endings = redactKeys.map(plain).filter((key) => key !== "");
  const known = new Map<string, boolean>();

  function hide(key: string): boolean {
    let hidden = known.get(key);
    if (hidden === undefined) {
      const name = plain(key);
      hidden = endings.some((ending) => name.endsWith(ending));
      if (known.size >= KNOWN_KEYS) known.clear();
      if (key.length <= 128) known.set(key, hidden);
    }
    return hidden;
  }

  function attributes(given: Attributes): string | undefined {
    let kept: Attributes = given;
    for (const name in given) {
      if (!CONTENT_ATTRIBUTE.test(name)) continue;
      if (kept === given) kept = { ...given };
      delete (kept as Record<string, unknown>)[name];
    }
    const { json } = boundedJson(kept, { maxChars, hide, mask });
    return json === "{}" ? undefined : json;
  }

  function text(value: AttributeValue, max: number): string | undefined {
    return typeof value === "string" && value !== "" ? cutText(maskStart(value, max, mask), max) : undefined;
  }

  return {
    value: (value) => boundedJson(value, { maxChars, hide, mask }),
    attributes,
    text,
    errorText: (value, max) => (errorTexts ? text(value, max) : undefined),
  };
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[-_.\s]/g, "");
}
