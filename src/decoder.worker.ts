// Decodes OTLP beside the store's thread while much comes (ingest/decoder-thread.ts).
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { createDecoding } from "./decoding.ts";
import { type FromDecoder, pack, type ToDecoder } from "./ingest/decoder-thread.ts";
import { systemClock as clock } from "./lib/clock.ts";
import type { Settings } from "./config/settings.ts";

const port = parentPort as MessagePort;
const decode = createDecoding(workerData as Pick<Settings, "instrument" | "ingest">);

port.on("message", (message: ToDecoder) => {
  if (message === "stop") return port.close();
  const began = clock.mono();
  const decoded = pack(decode(message));
  port.postMessage({ id: message.id, decoded, ms: clock.mono() - began } satisfies FromDecoder);
});
port.postMessage("ready" satisfies FromDecoder);
