import type { LiveEvent } from "../../contract/wire/events.ts";
import { AskError, tellRefusal } from "../answer.ts";
import { createParser, type ServerEvent } from "./parse.ts";

/** How it is with the stream: not yet open, open, or cut and being opened again. */
export type Link = "opening" | "open" | "cut";

export interface StreamListener {
  link(link: Link): void;
  /** An event; each one once. @param id `<start>-<n>` */
  event(event: LiveEvent, id: string): void;
  /** Anything came, a comment too: botel is alive. */
  beat(): void;
}

export interface Stream {
  /** Lets go of the connection and takes it up again later, without loss as far as botel's ring goes. */
  pause(): void;
  resume(): void;
  close(): void;
}

const URL = "/api/system/events";
/** botel says something every 15 s; what is silent for longer is cut, whatever the socket says. */
const SILENCE_MS = 20_000;
const WAITS_MS = [500, 1000, 2000, 4000];

/**
 * Keeps a stream of live events open (contract §5), and takes it up after `Last-Event-ID` when it was cut.
 *
 * Not `EventSource`: that does not see comments, so not that a connection is dead; it gives up for good at the first
 * answer that is an error; and it can not be told where to begin.
 */
export function openStream(listener: StreamListener): Stream {
  const seen = createSeen();
  let [attempt, closed] = [0, false];
  let abort = new AbortController();
  let wake = () => {};
  let paused = false;

  async function run(): Promise<void> {
    while (!closed) {
      if (paused) await new Promise<void>((resolve) => (wake = resolve));
      abort = new AbortController();
      await read(abort.signal).catch((error: unknown) => {
        // Until there is a token: whoever signs in takes the stream up again.
        if (error instanceof AskError && tellRefusal(error.code)) paused = true;
      });
      if (closed || paused) continue;
      listener.link("cut");
      await pauseFor(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 0);
      attempt += 1;
    }
  }

  function pauseFor(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function read(signal: AbortSignal): Promise<void> {
    await readStream({ lastId: seen.last(), signal }, (event) => {
      if (event === "open") {
        attempt = 0;
        listener.link("open");
      }
      listener.beat();
      if (typeof event !== "string" && seen.isNew(event)) listener.event(parsed(event), event.id);
    });
  }

  void run();
  return {
    pause() {
      paused = true;
      abort.abort();
    },
    resume() {
      paused = false;
      wake();
    },
    close() {
      closed = true;
      abort.abort();
      wake();
    },
  };
}

/** The id of the newest event, and whether one is newer; a `status` of the moment bears the id of the one before it. */
function createSeen() {
  let last = "";
  return {
    last: () => last,
    isNew({ id, name }: ServerEvent): boolean {
      const isOld = startOf(id) === startOf(last) && numberOf(id) <= numberOf(last);
      if (!isOld) last = id;
      return name === "status" || !isOld;
    },
  };
}

export const startOf = (id: string): string => id.slice(0, id.lastIndexOf("-"));
export const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));

function parsed({ name, data }: ServerEvent): LiveEvent {
  return { type: name, data: JSON.parse(data) as unknown } as LiveEvent;
}

/**
 * Reads the stream until it ends, is aborted, or is silent for too long; its unnamed twins are left out.
 *
 * @throws where it can not be opened, or was cut
 */
export async function readStream(
  { lastId, signal }: { lastId: string; signal: AbortSignal },
  on: (what: ServerEvent | "open" | "beat") => void,
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(URL, {
      headers: lastId === "" ? {} : { "Last-Event-ID": lastId },
      cache: "no-store",
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) throw await refusalOf(response);
    on("open");
    const take = createParser((event) => event.name !== undefined && on(event));
    for await (const piece of pieces(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      on("beat");
      take(piece);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function refusalOf(response: Response): Promise<AskError> {
  const body = (await response.json().catch(() => ({}))) as { code?: string; error?: string };
  return new AskError(body.code ?? "OFFLINE", body.error ?? `the stream was answered ${response.status}`);
}

/** By a reader: Safari can not iterate a stream. */
async function* pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield decoder.decode(part.value, { stream: true });
  }
}
