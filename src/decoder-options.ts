import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { DecoderThreadOptions } from "./ingest/decoder-thread.ts";
import { threadOptions } from "./lib/thread-options.ts";

/** Heap at the most, in MB: one request of the largest size is read at a time. */
const DECODER_HEAP_MB = 256;
/** What it makes is given away at once: little lives. */
const DECODER_YOUNG_MB = 4;

/** How the thread is started that decodes OTLP beside the store's. */
export function decoderThread({ instrument, ingest }: Settings): Pick<DecoderThreadOptions, "file" | "options"> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const limits = { maxHeapMb: DECODER_HEAP_MB, maxYoungMb: DECODER_YOUNG_MB };
  return {
    file: new URL(`./decoder.worker.${ending}`, import.meta.url),
    options: threadOptions({ instrument, ingest }, limits, environment()),
  };
}
