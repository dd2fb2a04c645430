// The observer's thread: folds what was stored, and answers by HTTP (observer-thread.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { FromObserver, ToObserver } from "./contract/thread.ts";
import { crash } from "./lib/crash.ts";
import { startObserverThread } from "./observer-thread.ts";
import type { ObserverThreadData } from "./threads.ts";

const port = parentPort as MessagePort;
const { hear, stop } = startObserverThread(workerData as ObserverThreadData, (message: FromObserver) =>
  port.postMessage(message),
);

port.on("message", (message: ToObserver) => {
  if (message.type === "stop") void stop().then(() => port.close());
  else if (message.type === "crash") crash(message.of);
  else hear(message);
});
