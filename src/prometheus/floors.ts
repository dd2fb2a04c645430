import type { Histogram } from "../lib/histogram.ts";
import { FACT_METRICS } from "./declarations.ts";
import type { Place } from "./places.ts";
import type { Points } from "./points.ts";

/**
 * Keeps counters from going down where facts are taken back, as those of an excluded turn are whose message comes last:
 * Prometheus would take it for a restart, and count the whole total again. A series shows what it showed, until new facts
 * make up for it.
 */
export interface Floors {
  /** What was folded may become less from now on. */
  hold(): void;
  /** The points of facts are complete: what would go down is raised. */
  apply(points: Points): void;
}

export function createFloors(): Floors {
  let shown: Points | undefined;
  const floors = new Map<Place, number | Histogram>();

  return {
    hold() {
      for (const metric of FACT_METRICS) {
        for (const [place, { value }] of shown?.placed(metric) ?? []) floors.set(place, value);
      }
    },
    apply(points) {
      for (const [place, floor] of floors) if (!points.raise(place, floor)) floors.delete(place);
      shown = points;
    },
  };
}
