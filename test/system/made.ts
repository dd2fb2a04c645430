import { NEW } from "../../src/contract/fact.ts";
import type { Change, LogFact, MessageFact, RequestFact, StoredFact, ToolFact } from "../../src/contract/fact.ts";
import type { BotState, ChannelState, Inventory } from "../../src/contract/state.ts";
import type { Beat, Catalog } from "../../src/contract/thread.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createSystem } from "../../src/system/system.ts";
import type { System, SystemOptions } from "../../src/system/system.ts";

/** 2026-11-24T12:00:00.250Z. */
export const NOON = Date.UTC(2026, 10, 24, 12, 0, 0, 250);

/** A clock that the test moves. */
export interface Watch extends Clock {
  pass(ms: number): void;
  /** As somebody sets the clock of the machine: no time passes. */
  set(byMs: number): void;
}

function createWatch(startMs = NOON): Watch {
  let [passed, moved] = [0, 0];
  return {
    now: () => startMs + passed + moved,
    mono: () => passed,
    pass: (ms) => void (passed += ms),
    set: (byMs) => void (moved += byMs),
  };
}

type Watched = System & { watch: Watch; probes: () => number };

/** A system that serves. */
export function started(options: Partial<SystemOptions> = {}): Watched {
  const system = created(options);
  system.ready();
  return system;
}

export function created(options: Partial<SystemOptions> = {}): Watched {
  const watch = createWatch();
  let probes = 0;
  const system = createSystem({
    version: "1.5.0",
    startMs: NOON,
    clock: watch,
    hosted: false,
    demo: false,
    channels: [],
    failing: () => new Map(),
    probe: () => void (probes += 1),
    ...options,
  });
  return { ...system, watch, probes: () => probes };
}

export function bot(botId: string, connected: boolean, more: Partial<BotState> = {}): BotState {
  return { event: "bot.state", botId, platform: "onebot", connected, timeMs: NOON, ...more };
}

export function channel(channelId: string, status: ChannelState["status"], more: Partial<ChannelState> = {}) {
  return { event: "bot.channel.state", channelId, status, models: [], timeMs: NOON, ...more } satisfies ChannelState;
}

export function inventory(service: string, more: Partial<Inventory> = {}): Inventory {
  const nothing = { features: [], adapters: [], mcpServers: 0, tools: 0 };
  return { event: "bot.inventory", service, timeMs: NOON, ...nothing, ...more };
}

export function beat(more: Partial<Beat> = {}): Beat {
  return {
    at: NOON,
    inFlight: 0,
    queued: 0,
    queueLimit: 20_000,
    dropped: {},
    droppedSpans: 0,
    unfinished: 0,
    lateEnds: 0,
    refused: {},
    restarts: { store: 0, observer: 0 },
    demo: false,
    stopping: false,
    ...more,
  };
}

export function catalog(more: Partial<Catalog> = {}): Catalog {
  return { version: 1, zone: "UTC", bots: {}, channels: {}, inventories: {}, ...more };
}

let rows = 0;

function stored() {
  rows += 1;
  const id = rows.toString(16).padStart(16, "0");
  const ids = { key: id.repeat(3), traceId: id + id, spanId: id };
  return {
    ...ids,
    row: rows,
    counted: true,
    errorItem: false,
    timeMs: NOON,
    timeNs: 0,
    durationNs: 1e9,
    failed: false,
  };
}

type More<Kind> = Partial<Kind & Pick<StoredFact, "counted" | "errorItem">>;

export function messageFact(more: More<MessageFact> = {}): StoredFact {
  return { ...stored(), kind: "message", platform: "onebot", botId: "10001", responses: 0, ...more };
}

export function requestFact(more: More<RequestFact> = {}): StoredFact {
  const tokens = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheCreationTokens: 0, reasoningTokens: 0 };
  const call = { operation: "chat", provider: "openai", model: "gpt-4o", channel: "openai-main" };
  return { ...stored(), kind: "request", ...call, ...tokens, usageMissing: false, ...more };
}

export function toolFact(more: More<ToolFact> = {}): StoredFact {
  return { ...stored(), kind: "tool", tool: "get_time", ...more };
}

export function logFact(more: More<LogFact> = {}): StoredFact {
  const { durationNs: _durationNs, failed: _failed, ...base } = stored();
  return { ...base, kind: "log", level: "error", message: "failed", ...more };
}

export function taken(...facts: StoredFact[]): Change[] {
  return facts.map((fact) => ({ fact, before: NEW }));
}
