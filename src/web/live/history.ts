import type { MetricEventData } from "../../contract/wire/events.ts";
import { pointOf, type Point } from "./points.ts";
import { numberOf, readStream, startOf } from "./stream.ts";

/** Events asked for: some minutes of a busy bot, under 200 KB. */
const EVENTS = 240;
const PATIENCE_MS = 5000;

/**
 * What botel still holds of the time before a stream was opened, so that the charts do not begin empty: a replay of its
 * ring up to that stream's first event.
 *
 * @param id of the first event of the stream
 * @returns the points up to that event, oldest first; as many as came where the replay fails
 */
export async function readHistory(id: string): Promise<Point[]> {
  const [start, last] = [startOf(id), numberOf(id)];
  const points: Point[] = [];
  if (!(last > 0)) return points;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  const lastId = `${start}-${Math.max(0, last - EVENTS)}`;
  await readStream({ lastId, signal: stop.signal }, (event) => {
    if (typeof event === "string" || startOf(event.id) !== start) return;
    const n = numberOf(event.id);
    if (event.name === "metric" && n <= last) points.push(pointOf(JSON.parse(event.data) as MetricEventData));
    // What is newer, the stream itself gives.
    if (n >= last) stop.abort();
  }).catch(() => {});
  clearTimeout(timer);
  return points;
}
