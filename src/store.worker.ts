// The store's thread: decides, commits, acknowledges, and hands on what is stored (store-thread.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { startStoreThread } from "./store-thread.ts";
import type { StoreThreadData } from "./threads.ts";
import type { FromStore, ToStore } from "./contract/thread.ts";

const port = parentPort as MessagePort;
const path = startStoreThread(workerData as StoreThreadData, (message: FromStore) => port.postMessage(message));

port.on("message", (message: ToStore) => {
  if (message.type === "batch") path.take(message);
  else if (message.type === "observer") path.connect(message.port);
  else if (message.type === "crash") throw new Error("it was told to crash");
  else {
    path.stop();
    port.close();
  }
});
