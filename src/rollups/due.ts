import { GROUP, NEW } from "../contract/fact.ts";
import { EVERYTHING } from "../contract/fold.ts";
import type { Fold } from "../contract/fold.ts";

/** @returns the owner's bits that a fact must have to be added to the fold's state of a selection. */
export function neededBits(fold: Pick<Fold<unknown>, "needs">, selection: string): number {
  return selection === EVERYTHING ? fold.needs : fold.needs | GROUP;
}

/**
 * Whether a change adds its fact: it does so once, when the fact comes or when a join makes the last needed bit known.
 *
 * @param before bits that were known until then, or NEW
 * @param owner bits that are known now
 */
export function isDue(needed: number, before: number, owner: number): boolean {
  if ((owner & needed) !== needed) return false;
  return before === NEW || (before & needed) !== needed;
}
