// The observer's part of `store`: folds what was stored, in a thread of its own, as in a bot's process.
import { parentPort } from "node:worker_threads";
import type { PackedChanges } from "../src/contract/packed.ts";
import { unpackChanges } from "../src/contract/unpacked.ts";
import { createDayStates } from "../src/rollups/day.ts";

const states = createDayStates(0, []);
let folded = 0;

parentPort?.on("message", (packed: PackedChanges | "done") => {
  if (packed === "done") {
    parentPort?.postMessage(folded);
    folded = 0;
    return;
  }
  const changes = unpackChanges(packed);
  for (const change of changes) states.change(change);
  folded += changes.length;
});
