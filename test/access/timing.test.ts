import { describe, expect, test } from "vitest";
import { accessOf, token } from "../api/access.ts";

/** As long as a token may be: where the place of the first wrong character shows, it shows here. */
const LENGTH = 512;
const SECRET = "s".repeat(LENGTH);
const FIRST = `x${SECRET.slice(1)}`;
const LAST = `${SECRET.slice(1)}x`; // all right but the end

const ROUNDS = 600;
/** Calls that are measured together: the clock is coarser than one of them. */
const CALLS = 40;
const SHUFFLES = 2000;

type Look = (secret: string) => void;

/** ns of {@link CALLS} calls. */
function took(look: Look, secret: string): number {
  const from = process.hrtime.bigint();
  for (let i = 0; i < CALLS; i += 1) look(secret);
  return Number(process.hrtime.bigint() - from);
}

/** What each round took with the one and the other, one after the other in an order that changes. */
function measure(look: Look, one: string, other: string): { one: number; other: number }[] {
  for (let i = 0; i < 50; i += 1) took(look, i % 2 ? one : other); // until it is compiled
  return Array.from({ length: ROUNDS }, (_, round) => {
    if (round % 2) return { one: took(look, one), other: took(look, other) };
    const [second, first] = [took(look, other), took(look, one)];
    return { one: first, other: second };
  });
}

/** Mean of the middle half: a round in which the machine did something else says nothing. */
function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.slice(sorted.length / 4, (sorted.length * 3) / 4);
  return half.reduce((sum, value) => sum + value, 0) / half.length;
}

/**
 * How much longer one takes than the other, as a share of a call, and how large that gets by chance alone: the same rounds
 * with the two swapped at random.
 */
function compare(rounds: readonly { one: number; other: number }[]): { share: number; chance: number } {
  const call = middle(rounds.map(({ other }) => other));
  const differences = rounds.map(({ one, other }) => one - other);
  const shares = Array.from(
    { length: SHUFFLES },
    () => Math.abs(middle(differences.map((difference) => (Math.random() < 0.5 ? difference : -difference)))) / call,
  );
  return { share: Math.abs(middle(differences)) / call, chance: Math.max(...shares) };
}

/** Shows the place of the first wrong character: what `===` may do, written out. */
function leaky(given: string): void {
  let i = 0;
  while (i < LENGTH && given.charCodeAt(i) === SECRET.charCodeAt(i)) i += 1;
  if (i === LENGTH) throw new Error("it is right");
}

// contract §6: "compared in constant time"
describe("how long a wrong token takes", () => {
  const { keyring } = accessOf({
    tokens: Array.from({ length: 20 }, (_, n) => token(`t${n}`, n === 9 ? SECRET : `${n}`)),
  });
  const look: Look = (secret) => {
    try {
      keyring.find(secret);
    } catch {
      // it is wrong
    }
  };

  test("does not say whether its first or its last character is wrong", () => {
    expect(() => keyring.find(LAST)).toThrow("not known");
    expect(keyring.find(SECRET).name).toBe("t9");
    // Chance is told by the rounds themselves; one share of a hundred of a call is noise, however sure it is. What is
    // beyond both is measured again: a real difference is there each time.
    const found: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { share, chance } = compare(measure(look, FIRST, LAST));
      if (share <= Math.max(chance, 0.01)) return;
      found.push(`${share} of a call, ${chance} by chance`);
    }
    expect(found).toEqual([]);
  });

  test("would be seen to say so: a comparison that stops at the first wrong character is found out", () => {
    const { share, chance } = compare(measure(leaky, FIRST, SECRET.replace(/.$/, "x")));
    expect(share).toBeGreaterThan(Math.max(chance, 0.01));
  });
});
