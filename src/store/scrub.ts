import type { Fact } from "../contract/fact.ts";

/** What stands in the place of which id. */
export type Replacements = ReadonlyMap<string, string>;

/** Keys that hold somebody's id or name, whatever stands before; without case and separators. */
const OWNER_KEYS = ["userid", "username", "nickname", "groupid", "groupname"];
const MAY_HAVE_OWNER = /user|nick|group/i;

/**
 * Takes ids out of a fact's texts, in place: of its line, attributes, arguments, result, error. In its attributes, what is
 * under a user's or a group's key goes as a whole.
 */
export function scrub(fact: Fact, ids: Replacements): void {
  if (fact.kind === "log") {
    fact.message = inText(fact.message, ids);
    if (fact.meta !== undefined) fact.meta = inJson(fact.meta, ids, MAY_HAVE_OWNER.test(fact.meta));
  } else {
    if (fact.errorMessage !== undefined) fact.errorMessage = inText(fact.errorMessage, ids);
    if (fact.kind === "tool") {
      if (fact.args !== undefined) fact.args = inJson(fact.args, ids, false);
      if (fact.result !== undefined) fact.result = inJson(fact.result, ids, false);
    }
  }
  if (fact.stack !== undefined) fact.stack = inText(fact.stack, ids);
}

/** Whether the id stands in the text as a word of its own. */
export function mentions(text: string, id: string): boolean {
  return wordAt(text, id, 0) !== -1;
}

function inText(text: string, ids: Replacements): string {
  let out = text;
  for (const [id, by] of ids) {
    let from = 0;
    for (let at = wordAt(out, id, 0); at !== -1; at = wordAt(out, id, from)) {
      out = out.slice(0, at) + by + out.slice(at + id.length);
      from = at + by.length;
    }
  }
  return out;
}

function wordAt(text: string, id: string, from: number): number {
  for (let at = text.indexOf(id, from); at !== -1; at = text.indexOf(id, at + 1)) {
    if (!isWord(text, at - 1) && !isWord(text, at + id.length)) return at;
  }
  return -1;
}

function isWord(text: string, at: number): boolean {
  return /\w/.test(text.charAt(at));
}

function inJson(json: string, ids: Replacements, dropOwners: boolean): string | undefined {
  if (!dropOwners && ![...ids.keys()].some((id) => json.includes(id))) return json;
  try {
    return JSON.stringify(scrubbed(JSON.parse(json), ids, dropOwners));
  } catch {
    // It was ours, and is JSON; what is not known is not kept.
    return undefined;
  }
}

function scrubbed(value: unknown, ids: Replacements, dropOwners: boolean): unknown {
  if (typeof value === "string") return inText(value, ids);
  if (typeof value === "number") return ids.get(String(value)) ?? value;
  if (Array.isArray(value)) return value.map((item) => scrubbed(item, ids, dropOwners));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !dropOwners || !isOwnerKey(key));
  return Object.fromEntries(entries.map(([key, item]) => [inText(key, ids), scrubbed(item, ids, dropOwners)]));
}

function isOwnerKey(key: string): boolean {
  const plain = key.toLowerCase().replaceAll(/[-_.\s]/g, "");
  return OWNER_KEYS.some((ending) => plain.endsWith(ending));
}
