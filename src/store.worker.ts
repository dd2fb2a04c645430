// The store's thread: decides, commits, acknowledges, and hands on what is stored (store-thread.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { BotelError } from "./contract/errors.ts";
import type { FromStore, ToStore } from "./contract/thread.ts";
import { crash } from "./lib/crash.ts";
import { startStoreThread } from "./store-thread.ts";
import type { StoreThreadData } from "./threads.ts";

const port = parentPort as MessagePort;
const toBot = (message: FromStore): void => port.postMessage(message);

try {
  const data = workerData as StoreThreadData;
  const isShared = data.settings.store.kind === "clickhouse";
  const path = isShared
    ? (await import("./cluster-thread.ts")).startClusterThread(data, toBot)
    : startStoreThread(data, toBot);
  port.on("message", (message: ToStore) => {
    if (message.type === "batch") path.take(message);
    else if (message.type === "observer") path.connect(message.port);
    else if (message.type === "crash") crash(message.of);
    else {
      void Promise.resolve(path.stop()).then(() => port.close());
    }
  });
} catch (error) {
  if (!(error instanceof BotelError)) throw error;
  // What a user can do something about: it is told once, and tried again.
  toBot({ type: "ends", why: error.message });
}
