// The observer's thread: folds what was stored, and answers by HTTP (observer-path.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { FromObserver, ToObserver } from "./contract/thread.ts";
import { observerPath } from "./observer-path.ts";
import type { ObserverThreadData } from "./threads.ts";

const port = parentPort as MessagePort;
const { hear, stop } = observerPath(workerData as ObserverThreadData, (message: FromObserver) =>
  port.postMessage(message),
);

port.on("message", (message: ToObserver) => {
  if (message.type === "stop") void stop().then(() => port.close());
  else hear(message);
});
