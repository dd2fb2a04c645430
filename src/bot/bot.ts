import { join } from "node:path";
import type { BotSettings } from "../config/settings.ts";
import type { Instrument } from "../index.ts";
import { createCalendar, machineZone } from "../lib/calendar.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { createChannels } from "./channels.ts";
import type { ChatMessage } from "./events.ts";
import { connectMcpServers } from "./mcp/servers.ts";
import { createMemory } from "./memory.ts";
import { connectOneBot, PLATFORM, type OneBot } from "./onebot.ts";
import { DEFAULT_PACE, type Pace } from "./pace.ts";
import { createQuota } from "./quota.ts";
import { openQuotaFile } from "./quota-file.ts";
import type { AskBotel } from "./report.ts";
import { BUILT_IN, createToolbox } from "./tools/toolbox.ts";
import { createTurns } from "./turn.ts";

export interface BotOptions {
  settings: BotSettings;
  instrument: Instrument;
  clock?: Clock;
  /** Uniform in [0, 1), for the dice. */
  random?: () => number;
  pace?: Partial<Pace>;
  /** Where it keeps the day's use over a restart; absent: nowhere. */
  dataDir?: string;
  /** An IANA name, of the days of its limits; default: the machine's. */
  timeZone?: string;
  /** botel's own API, for `/stats`. */
  askBotel?: AskBotel;
}

export interface Bot {
  /** The truth of the platform's socket. */
  readonly connected: boolean;
  /** Hears no more, gives turns under way `pace.grace` ms, then ends their requests. */
  stop(): Promise<void>;
}

/** The file in the data folder. */
const QUOTA_FILE = "bot-quota.json";

/** The reference bot: hears a OneBot v11 implementation, answers out of its channels, and reports itself to `instrument`. */
export async function startBot({
  settings,
  instrument,
  clock = systemClock,
  random = Math.random,
  dataDir,
  timeZone = machineZone(),
  askBotel,
  ...rest
}: BotOptions): Promise<Bot> {
  const pace = { ...DEFAULT_PACE, ...rest.pace };
  const stopping = new AbortController();
  let closing = false;
  const running = new Set<Promise<void>>();
  const channels = createChannels(settings.channels, { instrument, pace, stop: stopping.signal });
  const mcp = connectMcpServers(
    settings.mcp,
    BUILT_IN.map(({ name }) => name),
    {
      pace,
      onChange: announce,
      report: (level, line) => instrument.log(level, line),
    },
  );
  const tools = () => [...BUILT_IN, ...mcp.tools];
  const toolbox = createToolbox(tools, instrument, { clock, random });
  const reply: OneBot["reply"] = (message, text) =>
    onebot?.reply(message, text) ?? Promise.reject(new Error("There is no OneBot to reply to"));
  const { limits, groups } = settings;
  const kept = await openQuotaFile(dataDir && join(dataDir, QUOTA_FILE), (line) => instrument.log("warn", line));
  const quota = createQuota({ limits, groups, calendar: createCalendar(timeZone), now: clock.now, spent: kept.spent });
  const turns = createTurns({
    quota,
    spent: () => kept.save(quota.spent),
    groups,
    askBotel,
    instrument,
    channels,
    toolbox,
    clock,
    reply,
    memory: createMemory(),
    rounds: pace.toolRounds,
    limit: pace.turns,
  });

  announce();
  const { url, accessToken } = settings.onebot;
  const onebot = url === undefined ? undefined : connect(url);

  function announce(): void {
    instrument.announceInventory({
      features: mcp.connected > 0 ? ["mcp", "memory"] : ["memory"],
      adapters: [...new Set(settings.channels.map(({ adapter }) => adapter))],
      mcpServers: mcp.connected,
      tools: tools().length,
    });
  }

  function connect(url: string): OneBot {
    return connectOneBot({
      url,
      accessToken,
      pace,
      onMessage: hear,
      onState: ({ botId, connected }) => instrument.announceBot({ botId, platform: PLATFORM, connected }),
      report: (level, line) => instrument.log(level, line),
    });
  }

  function hear(message: ChatMessage): void {
    if (closing) return;
    const turn: Promise<void> = turns.handle(message).finally(() => running.delete(turn));
    running.add(turn);
  }

  return {
    get connected() {
      return onebot?.connected ?? false;
    },
    async stop() {
      closing = true;
      await settled(running, pace.grace);
      stopping.abort();
      await settled(running, LAST_WORDS);
      await Promise.all([onebot?.stop(), mcp.stop(), kept.close()]);
    },
  };
}

/** ms for turns whose requests were ended to say so. */
const LAST_WORDS = 300;

/** Waits for all, but no longer than `ms`. */
async function settled(running: Set<Promise<void>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([Promise.all(running), limit]);
  clearTimeout(timer);
}
