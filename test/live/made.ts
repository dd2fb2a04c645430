import { createParser } from "eventsource-parser";
import type { EventSourceMessage } from "eventsource-parser";
import type { StoredFact } from "../../src/contract/fact.ts";
import type { ChannelRow } from "../../src/contract/wire/stats.ts";
import { createLive } from "../../src/live/live.ts";
import type { Live, LiveOptions, Subscription } from "../../src/live/live.ts";
import type { LiveClient } from "../../src/live/subscriber.ts";
import { requestFact, started as startedSystem } from "../system/made.ts";
import type { Watch } from "../system/made.ts";

export interface Started extends Live {
  watch: Watch;
  system: ReturnType<typeof startedSystem>;
  channels: ChannelRow[];
  /** A second passes. */
  second(times?: number): void;
}

export function started(options: Partial<LiveOptions> = {}, hosted = false): Started {
  const system = startedSystem({ hosted });
  const channels: ChannelRow[] = [];
  const live = createLive({
    start: "start1",
    clock: system.watch,
    ringBytes: 4e6,
    clientBytes: 1e6,
    maxClients: 10,
    system,
    channels: () => channels,
    ...options,
  });
  function second(times = 1): void {
    for (let n = 0; n < times; n += 1) {
      system.watch.pass(1000);
      live.tick();
    }
  }
  return { ...live, watch: system.watch, system, channels, second };
}

/** Makes an item of `/api/logs/errors`. */
export function failedRequest(): StoredFact {
  const failure = { errorType: "429", errorMessage: "API rate limit exceeded", stack: "at x" };
  return requestFact({ failed: true, errorItem: true, ...failure });
}

export function row(id: string, status: ChannelRow["status"]): ChannelRow {
  return { id, name: id, status, requests: 0, errors: 0, avgLatency: 0, lastUsed: null };
}

/** A client of the stream that reads what it is sent, or, once it is `slow`, nothing more. */
export interface Reader extends Subscription {
  chunks: Uint8Array[];
  text(): string;
  /** As an EventSource has them, unnamed twins among them. */
  messages(): EventSourceMessage[];
  /** Only the named ones. */
  events(): { id: string; type: string; data: Record<string, unknown> }[];
  /** What `events` has since the last call. */
  fresh(): { id: string; type: string; data: Record<string, unknown> }[];
  slow: boolean;
  ended: boolean;
  cut: boolean;
}

export function read(live: Live, options: Pick<LiveClient, "lastEventId" | "types"> & { slow?: boolean } = {}): Reader {
  const chunks: Uint8Array[] = [];
  const text = () => Buffer.concat(chunks).toString();
  let seen = 0;
  const reader: Omit<Reader, keyof Subscription> = {
    chunks,
    text,
    messages: () => parse(text()),
    events: () => named(parse(text())),
    fresh() {
      const all = reader.events();
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    slow: options.slow ?? false,
    ended: false,
    cut: false,
  };
  const subscription = live.subscribe({
    ...options,
    write(chunk) {
      chunks.push(chunk);
      return !reader.slow;
    },
    end: () => void (reader.ended = true),
    cut: () => void (reader.cut = true),
  });
  return Object.assign(reader, subscription);
}

function parse(text: string): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  createParser({ onEvent: (message) => void messages.push(message) }).feed(text);
  return messages;
}

function named(messages: readonly EventSourceMessage[]) {
  return messages
    .filter(({ event }) => event !== undefined)
    .map(({ id = "", event = "", data }) => ({ id, type: event, data: JSON.parse(data) as Record<string, unknown> }));
}
