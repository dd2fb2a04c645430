import type { Change } from "./contract/fact.ts";
import { packChanges } from "./contract/packed.ts";
import { unpackChanges } from "./contract/unpacked.ts";
import type { StateEvent } from "./contract/state.ts";
import type { StoreToObserver } from "./contract/thread.ts";
import type { Forgets } from "./forgets.ts";
import type { Receiver } from "./ingest/receiver.ts";
import type { SeriesStore } from "./ingest/series.ts";
import type { Live } from "./live/live.ts";
import type { Metrics } from "./prometheus/metrics.ts";
import type { Windows } from "./rollups/window.ts";
import type { CatalogFile } from "./store/catalog.ts";
import type { Chores } from "./store/chores.ts";
import type { Appended } from "./store/store.ts";
import type { System } from "./system/system.ts";

/*
 * The path of a fact, in the order that it takes:
 *
 *   bot's thread        a span ends, or a log record comes; facts/ maps it; the courier batches it     bot-thread.ts
 *   store's thread      the intake decides about a batch and commits it; then `told`                  store-thread.ts
 *   observer's thread   `shown`: what is new is folded, then shown                                    observer-thread.ts
 *
 * OTLP from outside joins in the store's thread: ingest/ maps it there, and it goes through the same intake.
 */

/** First half, called by the intake after each commit: the observer hears of it before the sender is acknowledged. */
export function told(stages: {
  catalog: CatalogFile;
  chores: Chores;
  tell: (message: StoreToObserver) => void;
  now: () => number;
}) {
  const { catalog, chores, tell, now } = stages;
  return ({ commit, changes, voided }: Appended, states: StateEvent[]): void => {
    const facts = changes.map(({ fact }) => fact);
    catalog.learn(states, now());
    catalog.learnMessages(facts, now());
    chores.changed(changes);
    tell({ type: "changes", commit, changes: packChanges(changes), states });
    for (const day of voided) tell({ type: "void", day, commit });
  };
}

/**
 * Second half: whatever the store says, in the order that it said it. `windows` are there from its hello on. A store that
 * was started again may have committed what it could not tell any more: `missed` reads that.
 */
export function shown(stages: {
  hello: (message: Extract<StoreToObserver, { type: "hello" }>) => void;
  /** New facts of the rows after `row` up to `upTo`. */
  missed: (row: number, upTo: number) => Change[];
  windows: () => Windows;
  /** Why no answer would be whole; undefined: they are. */
  away: (why: string | undefined) => void;
  system: System;
  live: Live;
  metrics: Pick<Metrics, "see" | "hold">;
  series: SeriesStore;
  receiver: Receiver;
  forgets: Pick<Forgets, "settle">;
}) {
  const { hello, missed, windows, away, system, live, metrics, series, receiver, forgets } = stages;
  let newest: number | undefined;

  /** Windows have it all from the store's own folds; these count what passes by. */
  function pass(changes: Change[], states: StateEvent[]): void {
    for (const { fact } of changes) newest = Math.max(newest ?? 0, fact.row);
    system.changes(changes, states);
    live.changes(changes);
    metrics.see(changes);
  }

  return (message: StoreToObserver): void => {
    switch (message.type) {
      case "hello":
        hello(message);
        if (newest !== undefined) pass(missed(newest, message.row), message.states);
        newest = message.row;
        return;
      case "changes": {
        const changes = unpackChanges(message.changes);
        windows().apply(message.commit, changes);
        return pass(changes, message.states);
      }
      case "day":
        return windows().install(message.day, message.commit, message.slices);
      case "closed":
        return windows().closed(message.day, message.commit);
      case "void":
        metrics.hold();
        return windows().voided(message.day, message.commit);
      case "answered":
        return receiver.settle(message.id, message.outcome);
      case "forgotten":
        live.forget();
        return forgets.settle(message.id, message.outcome);
      case "measured":
        return series.take(message.metrics);
      case "away":
        return away(message.why);
      case "latency":
        return system.latency(message.ms);
      case "health":
        return system.storeHealth(message.health);
    }
  };
}
