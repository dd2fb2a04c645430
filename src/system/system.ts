import type { Change } from "../contract/fact.ts";
import type { StateEvent } from "../contract/state.ts";
import type { Beat, Catalog, StoreHealth } from "../contract/thread.ts";
import type { ReceiverCounts } from "../ingest/receiver.ts";
import type { Memory } from "../contract/wire/scalars.ts";
import type { ChannelRow } from "../contract/wire/stats.ts";
import type { HealthData, InfoData, StatusData } from "../contract/wire/system.ts";
import { writeSeconds } from "../contract/wire/time.ts";
import type { Clock } from "../lib/clock.ts";
import type { ChannelUse } from "../rollups/channels.ts";
import { channelRows, channelsNow } from "./channels.ts";
import type { ChannelNow, ConfiguredChannel, Failing } from "./channels.ts";
import { BEAT_LIMIT_MS, botCheck, channelsCheck, createDatabaseCheck } from "./health.ts";
import { intakeCounts } from "./intake.ts";
import { inventoryInfo } from "./info.ts";
import { createLoopProbe, readMemory } from "./probes.ts";
import type { LoopDelay } from "./probes.ts";
import { createRegistry } from "./registry.ts";
import type { KnownBot } from "./registry.ts";
import { botRows, statusBot } from "./status.ts";

export interface SystemOptions {
  /** botel's own. */
  version: string;
  /** Epoch ms of the start of the process. */
  startMs: number;
  clock: Clock;
  /** True where a bot's thread beats in this process; false in a process of its own. */
  hosted: boolean;
  demo: boolean;
  /** Channels of this process' settings. */
  channels: readonly ConfiguredChannel[];
  /** For every channel that ever had a request; where it is a promise, the last one that came counts meanwhile. */
  failing(): Failing | Promise<Failing>;
  /** Asks the store for a real write and read; {@link System.latency} is the answer. */
  probe(): void;
  /** What comes by OTLP; absent: nothing does. */
  otlp?: () => ReceiverCounts;
  /** Default: of this process. */
  memory?: () => Memory;
}

/** What the API, the live events and the metrics ask. Nothing here waits, and no read changes anything. */
export interface SystemView {
  status(): StatusData;
  info(): InfoData;
  health(): HealthData;
  /**
   * Rows of `/api/stats/channels`: every channel known, by requests, ties by id.
   *
   * @param uses what the requests of the selection say
   * @param failing where the caller has read it with them; default: as the options give it
   */
  channels(uses: readonly ChannelUse[], failing?: Failing): ChannelRow[];
  memory(): Memory;
  /** Requests, tool calls and messages under way; null where botel only receives OTLP. */
  inFlight(): number | null;
  /** What only the metrics show. */
  inside(): SystemInside;
}

export interface SystemInside {
  version: string;
  startMs: number;
  bots: KnownBot[];
  channels: ChannelNow[];
  /** Absent before the first, and in a process of its own. */
  beat?: Beat;
  /** Since the last beat, or since the start where none came yet. */
  beatAgeMs?: number;
  store?: StoreHealth;
  storeLatencyMs?: number;
  loop: LoopDelay;
  /** Bots, channels and inventories that were too many to remember. */
  forgotten: number;
}

/** The view, and what feeds it: all that the observer hears of bots, channels, the store and the bot's thread. */
export interface System extends SystemView {
  /** First, and again when the store was started again. */
  hello(catalog: Catalog, states: readonly StateEvent[]): void;
  changes(changes: readonly Change[], states: readonly StateEvent[]): void;
  beat(beat: Beat): void;
  /** @param ms undefined: the write or the read failed */
  latency(ms: number | undefined): void;
  /** @param why what of a cluster is away, so that no answer is whole; undefined: nothing */
  away(why: string | undefined): void;
  storeHealth(health: StoreHealth): void;
  /** From here on `status` is no longer `starting`. */
  ready(): void;
  stopping(): void;
  /** Whether the bot's own thread has not beaten for 5 s. */
  isHung(): boolean;
  /** To be called once a second. */
  tick(): void;
  close(): void;
}

export function createSystem(options: SystemOptions): System {
  const { version, startMs, clock, hosted } = options;
  /**
   * Epoch ms as the clock had it at the start: whoever is known here was heard so long ago, however the clock is set
   * meanwhile. `moved` is by how much it was.
   */
  const startedAt = clock.now() - clock.mono();
  const now = () => startedAt + clock.mono();
  const moved = () => clock.now() - now();
  const registry = createRegistry();
  const database = createDatabaseCheck(() => options.probe());
  const loop = createLoopProbe(clock.mono());
  const memory = options.memory ?? readMemory;
  let phase: "starting" | "ready" | "stopping" = "starting";
  let lastFailing: Failing = new Map();
  let beatAt = hosted ? clock.mono() : undefined;
  let [lastBeat, store] = [undefined as Beat | undefined, undefined as StoreHealth | undefined];

  function failing(): Failing {
    const known = options.failing();
    if (known instanceof Promise) void known.then((later) => (lastFailing = later)).catch(() => {}); // asked again soon
    else lastFailing = known;
    return lastFailing;
  }

  const beatAgeMs = () => (beatAt === undefined ? undefined : clock.mono() - beatAt);
  function currentChannels(known = failing()): Map<string, ChannelNow> {
    return channelsNow(options.channels, registry.channels(now()), known);
  }

  function health(): HealthData {
    const checks = {
      database: database.read(clock.mono()),
      bot: { status: botCheck(registry.bots(now()), beatAgeMs()) },
      channels: channelsCheck(currentChannels().values()),
    };
    const healthy = Object.values(checks).every(({ status }) => status !== "error");
    return { healthy, checks, facts: intakeCounts(store, lastBeat, options.otlp?.()) };
  }

  function statusWord(): StatusData["status"] {
    if (phase === "stopping" || lastBeat?.stopping) return "stopping";
    if (phase === "starting") return "starting";
    return health().healthy ? "running" : "degraded";
  }

  function status(): StatusData {
    const bots = registry.bots(now()).map((bot) => ({ ...bot, heardMs: bot.heardMs + moved() }));
    return {
      status: statusWord(),
      version,
      uptime: Math.max(0, Math.floor((now() - startMs) / 1000)),
      startTime: writeSeconds(startMs),
      nodejs: process.version,
      memory: memory(),
      bot: statusBot(bots),
      bots: botRows(bots),
      demo: options.demo || (lastBeat?.demo ?? false),
    };
  }

  function info(): InfoData {
    const { platform, arch, version: nodejs } = process;
    return { version, platform, arch, nodejs, ...inventoryInfo(registry.inventories(now()), registry.channels(now())) };
  }

  function inside(): SystemInside {
    return {
      version,
      startMs,
      bots: registry.bots(now()),
      channels: [...currentChannels().values()],
      beat: lastBeat,
      beatAgeMs: beatAgeMs(),
      store,
      storeLatencyMs: database.latencyMs(),
      loop: loop.read(),
      forgotten: registry.forgotten(),
    };
  }

  return {
    status,
    info,
    health,
    channels: (uses, known) => channelRows(currentChannels(known), uses),
    memory,
    inFlight: () => (hosted ? (lastBeat?.inFlight ?? 0) : null),
    inside,
    hello(catalog, states) {
      registry.restore(catalog, states, { nowMs: now(), movedMs: moved() });
      database.restarted();
    },
    changes(changes, states) {
      registry.learn(states, now());
      registry.sawMessages(changes, now(), moved());
    },
    beat(beat) {
      [lastBeat, beatAt] = [beat, clock.mono()];
    },
    latency: (ms) => database.answered(ms),
    away: (why) => database.away(why),
    storeHealth: (health) => void (store = health),
    ready: () => void (phase = phase === "starting" ? "ready" : phase),
    stopping: () => void (phase = "stopping"),
    isHung: () => (beatAgeMs() ?? 0) > BEAT_LIMIT_MS,
    tick() {
      database.tick(clock.mono());
      loop.tick(clock.mono());
    },
    close: () => loop.stop(),
  };
}
