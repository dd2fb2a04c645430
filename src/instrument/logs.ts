import { randomBytes } from "node:crypto";
import type { Mapping } from "../contract/mapping.ts";
import type { Sink } from "../contract/sink.ts";
import type { Capture } from "./capture.ts";
import { inheritedOf } from "./context.ts";
import type { Seer } from "./seer.ts";
import { createResources, shapeOfRecord } from "./shape.ts";

/** Captures log records as facts, and state events as such. Never throws into the bot. */
export function createRecordProcessor(mapping: Mapping, sink: Sink, capture: Capture): Seer["records"] {
  const resources = createResources();
  // In one process a record is its own: random for the process, counted in it.
  const process = randomBytes(16).toString("hex");
  let count = 0;

  return {
    onEmit: (record, context) =>
      capture.guard(() => {
        count += 1;
        if (record.droppedAttributesCount > 0) capture.truncated();
        const key = process + count.toString(16).padStart(16, "0");
        const inherited = context === undefined ? undefined : inheritedOf(context);
        const made = mapping.record(shapeOfRecord(record, resources), key, inherited);
        if (made === undefined) return;
        if ("kind" in made) sink.fact(made);
        else if ("event" in made) sink.state(made);
        else capture.refuse(made.refused);
      }),
    emitted: () => count,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
