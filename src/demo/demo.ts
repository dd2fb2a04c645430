import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BotSettings, Settings } from "../config/settings.ts";
import type { Instrument } from "../index.ts";
import { createCalendar, machineZone } from "../lib/calendar.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { startCrowd } from "./crowd.ts";
import { createFaults } from "./faults.ts";
import { writeHistory } from "./history.ts";
import { startMcpPeer } from "./mcp-server.ts";
import { startPeer } from "./onebot-peer.ts";
import { BOT_ID, createSociety } from "./people.ts";
import { startProvider } from "./provider.ts";
import { createRandom } from "./random.ts";
import { DEMO_CHANNELS } from "./simulated-channels.ts";

export interface DemoOptions {
  settings: Pick<Settings, "demo" | "timeZone">;
  instrument: Instrument;
  /** True: the store has facts of the demo already, and no history is begun. One that was begun is always ended. */
  historyDone: boolean;
  /** Where the demo's data lie; the history notes there how far it came. */
  dataDir?: string;
  clock?: Clock;
  /** How many times as fast as in life people talk and providers answer; default 1. */
  haste?: number;
}

export interface Demo {
  /** For `startBot`: the simulated platform, and the channels to the simulated provider. */
  readonly bot: BotSettings;
  /** Number of turns of the past that were written, once all are; 0 where there were none to write. */
  readonly history: Promise<number>;
  stop(): Promise<void>;
}

const ACCESS_TOKEN = "demo";
const HEARTBEAT = 5000;
/** Nobody in the demo talks as much; `/limits` has something to say. */
const LIMITS = { groupAnswersPerDay: 2000, userAnswersPerDay: 500 };

/** Simulated people on a simulated platform, and a simulated model provider, both over their real protocols. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { settings, instrument, clock = systemClock, haste = 1 } = options;
  const random = createRandom(settings.demo.seed);
  const society = createSociety(random.fork("society"));
  const calendar = createCalendar(settings.timeZone ?? machineZone());
  const stopping = new AbortController();
  const peer = await startPeer({
    clock,
    botId: BOT_ID,
    groups: society.groups,
    accessToken: ACCESS_TOKEN,
    heartbeat: HEARTBEAT,
  });
  const faults = createFaults(clock.now(), random.fork("faults"));
  const provider = await startProvider({
    channels: DEMO_CHANNELS,
    random: random.fork("provider"),
    clock,
    faults,
    slowness: 1 / haste,
  });
  const mcp = await startMcpPeer(random.fork("mcp"));
  const crowd = startCrowd({ peer, society, random: random.fork("crowd"), clock, calendar, haste });
  const history = writeHistory({
    instrument,
    society,
    calendar,
    clock,
    random: random.fork("history"),
    days: settings.demo.historyDays,
    stop: stopping.signal,
    file: await progressFile(options.dataDir),
    done: options.historyDone,
  });
  history.catch((error: Error) => instrument.log("error", error));

  return {
    bot: {
      onebot: { url: peer.url, accessToken: ACCESS_TOKEN },
      channels: provider.channels,
      mcp: [{ name: "fortune", url: mcp.url, args: [], env: {}, headers: {} }],
      limits: LIMITS,
      groups: {},
    },
    history,
    async stop() {
      stopping.abort();
      crowd.stop();
      await Promise.allSettled([history, peer.stop(), provider.stop(), mcp.stop()]);
    },
  };
}

async function progressFile(dataDir: string | undefined): Promise<string | undefined> {
  if (dataDir === undefined) return undefined;
  await mkdir(dataDir, { recursive: true });
  return join(dataDir, "history.txt");
}
