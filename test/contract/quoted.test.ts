import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LATER } from "./later.ts";
import { plain, sentences } from "./sentences.ts";

const TESTS = join(import.meta.dirname, "..");
/** This many words in a row are a quotation; fewer are chance. */
const RUN = 6;

/** The text of every test, without the stars and slashes of its comments. */
const texts = globSync("**/*.test.ts", { cwd: TESTS })
  .filter((file) => !file.startsWith("contract/quoted"))
  .map((file) => plain(readFileSync(join(TESTS, file), "utf8").replaceAll(/^\s*(?:\/\/|\*)/gm, " ")));

/** The words of a sentence that no test quotes: `""` where it is quoted whole, in one test or in several parts. */
function unquoted(sentence: string): string {
  const words = sentence.replace(/[.;]$/, "").split(" ");
  const quoted = words.map(() => false);
  const run = Math.min(RUN, words.length);
  for (let from = 0; from + run <= words.length; from += 1) {
    const part = words.slice(from, from + run).join(" ");
    if (texts.some((text) => text.includes(part))) quoted.fill(true, from, from + run);
  }
  return words.filter((_, i) => !quoted[i]).join(" ");
}

/** A sentence without what is put off, in the parts that are left. */
function dueParts(sentence: string): string[] {
  const cut = LATER.reduce((text, { part }) => text.replace(part, "\n"), sentence);
  return cut
    .split("\n")
    .map((part) => part.trim())
    .filter((part) => /[a-z]/.test(part));
}

describe("for each sentence of contract §2–§6 and §9 there is a test that quotes it", () => {
  test.for(sentences())("§$section: $text", ({ text }) => {
    for (const part of dueParts(text)) expect(unquoted(part)).toBe("");
  });

  test.for(LATER)("put off to issue $issue, in the contract, and quoted by no test yet: $part", ({ part }) => {
    expect(sentences().filter(({ text }) => text.includes(part))).toHaveLength(1);
    expect(unquoted(part)).not.toBe("");
  });
});
