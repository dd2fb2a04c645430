import type { Batch, Fact, Link, RefusalReason, StoredFact } from "../contract/fact.ts";
import { copyOf } from "./copy.ts";
import type { Group } from "./decide.ts";
import { refusal } from "./refuse.ts";
import type { Bounds } from "./refuse.ts";

/** What of some batches is new. */
export interface Admitted {
  groups: Group[];
  links: Link[];
  /** New facts in all. */
  count: number;
  duplicates: number;
  /** For each batch, how many facts were refused. */
  refused: number[];
  /** One for each refused fact. */
  reasons: RefusalReason[];
}

/** @param isKnown whether the fact is stored, or was asked about before; asked once a fact, in order */
export function admit(batches: readonly Batch[], bounds: Bounds, isKnown: (fact: Fact) => boolean): Admitted {
  const admitted: Admitted = { groups: [], links: [], count: 0, duplicates: 0, refused: [], reasons: [] };
  for (const { facts, links, atOnce } of batches) {
    const fresh: StoredFact[] = [];
    const before = admitted.reasons.length;
    for (const fact of facts) {
      const reason = refusal(fact, bounds);
      if (reason !== undefined) admitted.reasons.push(reason);
      else if (isKnown(fact)) admitted.duplicates += 1;
      else fresh.push(copyOf(fact));
    }
    admitted.groups.push({ facts: fresh, atOnce });
    admitted.count += fresh.length;
    admitted.refused.push(admitted.reasons.length - before);
    for (const link of links) admitted.links.push(link);
  }
  return admitted;
}
