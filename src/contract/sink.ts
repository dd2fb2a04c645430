import type { Fact, Link } from "./fact.ts";
import type { StateEvent } from "./state.ts";

/** Where a bot's thread puts what it captured. None of these throws, waits, or takes more than a push. */
export interface Sink {
  fact(fact: Fact): void;
  link(link: Link): void;
  state(event: StateEvent): void;
}
