// The observer's thread: folds what was stored, and answers by HTTP (pipeline.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { FromObserver, ToObserver } from "./contract/thread.ts";
import { observerPath } from "./pipeline.ts";
import type { ObserverThreadData } from "./threads.ts";

const port = parentPort as MessagePort;
const path = observerPath(workerData as ObserverThreadData, (message: FromObserver) => port.postMessage(message));

port.on("message", (message: ToObserver) => {
  if (message.type === "beat") path.beat(message.beat);
  else if (message.type === "store") path.connect(message.port);
  else if (message.type === "collect") void path.collect(message.id);
  else void path.stop().then(() => port.close());
});
