import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LATER } from "./later.ts";
import { plain, sentences } from "./sentences.ts";

const TESTS = join(import.meta.dirname, "..");
/** This many words in a row are a quotation; fewer are chance. */
const RUN = 4;

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

describe("for each sentence of contract §2–§5 and §9 there is a test that quotes it", () => {
  const later = (text: string): boolean => LATER.some(({ starts }) => text.startsWith(starts));

  test.for(sentences().filter(({ text }) => !later(text)))("§$section: $text", ({ text }) => {
    expect(unquoted(text)).toBe("");
  });

  test("what is put off is in the contract, and quoted by no test yet", () => {
    for (const { starts } of LATER) {
      const sentence = sentences().find(({ text }) => text.startsWith(starts));
      expect(sentence, starts).toBeDefined();
      expect(unquoted(sentence!.text), starts).not.toBe("");
    }
  });
});
