import { environment } from "./config/environment.ts";
import type { Settings } from "./config/settings.ts";
import type { StoreToObserver } from "./contract/thread.ts";
import type { DecoderThreadOptions } from "./ingest/decoder-thread.ts";
import type { Door, Parcel } from "./ingest/door.ts";
import { systemClock as clock } from "./lib/clock.ts";
import { report } from "./lib/report.ts";
import { threadOptions } from "./lib/thread-options.ts";

/** Heap of the decoder's thread at the most, in MB: one request of the largest size is read at a time. */
const DECODER_HEAP_MB = 256;
/** All of a request lives until it is given away: with less, it would be copied several times before that. */
const DECODER_YOUNG_MB = 12;

/**
 * The door for OTLP in the store's thread. What it takes is loaded when the first request comes: to most bots with botel
 * inside, none does, and it is 2 MB.
 */
export function openOtlpDoor(
  settings: Settings,
  store: (parcel: Parcel) => void,
  tell: (message: StoreToObserver) => void,
): Door {
  let door: Door | undefined;
  let opening: Promise<Door> | undefined;
  let stopped = false;

  async function open(): Promise<Door> {
    const [{ createDecoding }, { createDecoderThread }, { createDoor }] = await Promise.all([
      import("./decoding.ts"),
      import("./ingest/decoder-thread.ts"),
      import("./ingest/door.ts"),
    ]);
    door = createDoor({
      decode: createDecoding(settings),
      openThread: (done) => createDecoderThread({ ...decoderThread(settings), done, clock: clock.mono, report }),
      store,
      measured: (metrics) => tell({ type: "measured", metrics }),
      answer: (id, outcome) => tell({ type: "answered", id, outcome }),
      clock: clock.mono,
    });
    return door;
  }

  return {
    take(request) {
      if (door !== undefined) return door.take(request);
      opening ??= open();
      void opening.then((opened) => stopped || opened.take(request));
    },
    stop() {
      stopped = true;
      door?.stop();
    },
  };
}

function decoderThread({ instrument, ingest }: Settings): Pick<DecoderThreadOptions, "file" | "options"> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const limits = { maxHeapMb: DECODER_HEAP_MB, maxYoungMb: DECODER_YOUNG_MB };
  return {
    file: new URL(`./decoder.worker.${ending}`, import.meta.url),
    options: threadOptions({ instrument, ingest }, limits, environment()),
  };
}
