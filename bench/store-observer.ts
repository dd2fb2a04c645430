// The observer's part of `store`: folds what was stored, in a thread of its own, as in a bot's process.
import { parentPort } from "node:worker_threads";
import type { Change } from "../src/contract/fact.ts";
import { createDayStates } from "../src/rollups/day.ts";

const states = createDayStates(0, []);
let folded = 0;

parentPort?.on("message", (changes: Change[] | "done") => {
  if (changes === "done") {
    parentPort?.postMessage(folded);
    folded = 0;
    return;
  }
  for (const change of changes) states.change(change);
  folded += changes.length;
});
