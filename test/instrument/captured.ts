import type { Fact, FactKind, Link } from "../../src/contract/fact.ts";
import type { Sink } from "../../src/contract/sink.ts";
import type { StateEvent } from "../../src/contract/state.ts";
import { createMapping } from "../../src/facts/mapping.ts";
import { PATTERN_NAMES } from "../../src/lib/mask.ts";
import { startSdk } from "../../src/instrument/sdk.ts";
import type { Sdk, SdkOptions } from "../../src/instrument/sdk.ts";
import { systemClock } from "../../src/lib/clock.ts";

/** A sink that remembers all. */
export class Captured implements Sink {
  facts: Fact[] = [];
  links: Link[] = [];
  states: StateEvent[] = [];
  lines: string[] = [];

  fact(fact: Fact): void {
    this.facts.push(fact);
  }

  link(link: Link): void {
    this.links.push(link);
  }

  state(event: StateEvent): void {
    this.states.push(event);
  }

  of<Kind extends FactKind>(kind: Kind): Extract<Fact, { kind: Kind }>[] {
    return this.facts.filter((fact): fact is Extract<Fact, { kind: Kind }> => fact.kind === kind);
  }
}

export const mapping = createMapping({
  maxChars: 4000,
  redactKeys: ["password", "token"],
  redactPatterns: [...PATTERN_NAMES],
  errorTexts: true,
});

/** The real SDK with botel's processors, into `captured`. */
export function startCaptured(captured: Captured, more: Partial<SdkOptions> = {}): Sdk {
  return startSdk({
    mapping,
    sink: captured,
    clock: systemClock,
    env: {},
    ownPorts: [],
    unfinishedAfter: 600_000,
    warn: (line) => void captured.lines.push(line),
    ...more,
  });
}
