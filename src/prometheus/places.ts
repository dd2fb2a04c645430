import type { Declaration, MetricId } from "./declarations.ts";
import { METRICS } from "./declarations.ts";
import type { RawLabels } from "./fact-labels.ts";
import { OTHER, type Labels } from "./labels.ts";

/** One series as it is shown: facts of many keys may share it. */
export interface Place {
  readonly metric: MetricId;
  /** In the order of the declaration, undefined where the series has none of that label. */
  readonly labels: RawLabels;
}

/**
 * Where the values of a key are shown. The series that are named are the first so many, for as long as the process lives;
 * the rest is in series whose labels are all `other`, but for labels whose values are closed.
 */
export interface Places {
  /** @param labels as the facts have them, in the order of the declaration; @returns the same place, each time */
  of(metric: MetricId, labels: RawLabels): Place;
  /** By metric, how many series are shown in its `other` series, 10,000 at the most. */
  others(): ReadonlyMap<MetricId, number>;
}

/** Labels with few values, all of our own making: they are not bounded, and an `other` series keeps them. */
export const CLOSED: ReadonlySet<string> = new Set([
  "gen_ai.token.type",
  "bot.token.part",
  "bot.error.source",
  "bot.channel.status",
  "bot.channel.breaker",
  "window",
]);
/** An `other` series for each value of a closed label, of failed and of succeeded ones. */
const OTHERS_RESERVED = 6;
/** Series beyond the bound that are told apart, for their count. */
const COUNTED = 10_000;

export function createPlaces(labels: Labels): Places {
  const places = new Map<MetricId, Map<string, Place>>();
  const beyond = new Map<MetricId, Set<string>>();

  function placeOf(metric: MetricId, values: RawLabels, key = JSON.stringify(values)): Place {
    return entry(
      entry(places, metric, () => new Map<string, Place>()),
      key,
      () => ({ metric, labels: values }),
    );
  }

  /** @returns whether the key is one of the metric's named series, or becomes one. */
  function isNamed(metric: MetricId, key: string, { series, labels }: Declaration): boolean {
    const known = places.get(metric);
    if (known?.has(key)) return true;
    return labels.every((label) => CLOSED.has(label)) || (known?.size ?? 0) < series - OTHERS_RESERVED;
  }

  return {
    of(metric, raw) {
      const declaration: Declaration = METRICS[metric];
      const values = declaration.labels.map((label, at) => {
        const given = raw[at];
        return given === undefined || CLOSED.has(label) ? given : labels.named(label, given);
      });
      const key = JSON.stringify(values);
      if (isNamed(metric, key, declaration)) return placeOf(metric, values, key);
      const counted = entry(beyond, metric, () => new Set<string>());
      if (counted.size < COUNTED) counted.add(key);
      return placeOf(
        metric,
        declaration.labels.map((label, at) => (CLOSED.has(label) ? values[at] : values[at] && OTHER)),
      );
    },
    others: () => new Map([...beyond].map(([metric, keys]) => [metric, keys.size])),
  };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
