import type { Batch, Fact, Link, MessageFact, RefusalReason, StoredFact } from "../contract/fact.ts";
import { copyOf } from "./copy.ts";
import type { Group } from "./decide.ts";
import { refusal } from "./refuse.ts";
import type { Bounds } from "./refuse.ts";
import type { Screen } from "./screen.ts";

/** What of some batches is new. */
export interface Admitted {
  groups: Group[];
  links: Link[];
  /** New facts in all. */
  count: number;
  duplicates: number;
  /** Facts of an excluded user or group. */
  excluded: number;
  /** The messages among them: what belongs to their turns is excluded too. */
  excludedTurns: MessageFact[];
  /** For each batch, how many facts were refused. */
  refused: number[];
  /** One for each refused fact. */
  reasons: RefusalReason[];
}

/**
 * @param isKnown whether the fact is stored, or was asked about before; asked once a fact, in order
 * @param screen absent: every fact is kept as it comes
 */
export function admit(
  batches: readonly Batch[],
  bounds: Bounds,
  isKnown: (fact: Fact) => boolean,
  screen?: Screen,
): Admitted {
  const admitted: Admitted = {
    groups: [],
    links: [],
    count: 0,
    duplicates: 0,
    excluded: 0,
    excludedTurns: [],
    refused: [],
    reasons: [],
  };
  for (const { facts, links, atOnce } of batches) {
    const fresh: StoredFact[] = [];
    const before = admitted.reasons.length;
    for (const fact of facts) {
      const reason = refusal(fact, bounds);
      if (reason !== undefined) admitted.reasons.push(reason);
      else if (isKnown(fact)) admitted.duplicates += 1;
      else {
        const copy = copyOf(fact);
        if (screen?.pass(copy) !== false) fresh.push(copy);
        else exclude(admitted, copy);
      }
    }
    admitted.groups.push({ facts: fresh, atOnce });
    admitted.count += fresh.length;
    admitted.refused.push(admitted.reasons.length - before);
    for (const link of links) admitted.links.push(link);
  }
  return admitted;
}

function exclude(admitted: Admitted, fact: StoredFact): void {
  admitted.excluded += 1;
  if (fact.kind === "message") admitted.excludedTurns.push(fact);
}
