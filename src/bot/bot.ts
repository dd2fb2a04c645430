import type { BotSettings } from "../config/settings.ts";
import type { Instrument } from "../index.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { createChannels } from "./channels.ts";
import type { ChatMessage } from "./events.ts";
import { createMemory } from "./memory.ts";
import { connectOneBot, PLATFORM, type OneBot } from "./onebot.ts";
import { DEFAULT_PACE, type Pace } from "./pace.ts";
import { BUILT_IN, createToolbox } from "./tools/toolbox.ts";
import { createTurns } from "./turn.ts";

export interface BotOptions {
  settings: BotSettings;
  instrument: Instrument;
  clock?: Clock;
  /** Uniform in [0, 1), for the dice. */
  random?: () => number;
  pace?: Partial<Pace>;
}

export interface Bot {
  /** The truth of the platform's socket. */
  readonly connected: boolean;
  /** Hears no more, gives turns under way `pace.grace` ms, then ends their requests. */
  stop(): Promise<void>;
}

/** The reference bot: hears a OneBot v11 implementation, answers out of its channels, and reports itself to `instrument`. */
export function startBot({
  settings,
  instrument,
  clock = systemClock,
  random = Math.random,
  ...rest
}: BotOptions): Bot {
  const pace = { ...DEFAULT_PACE, ...rest.pace };
  const stopping = new AbortController();
  let closing = false;
  const running = new Set<Promise<void>>();
  const channels = createChannels(settings.channels, { instrument, pace, stop: stopping.signal });
  const toolbox = createToolbox(BUILT_IN, instrument, { clock, random });
  const reply: OneBot["reply"] = (message, text) =>
    onebot?.reply(message, text) ?? Promise.reject(new Error("There is no OneBot to reply to"));
  const turns = createTurns({
    instrument,
    channels,
    toolbox,
    clock,
    reply,
    memory: createMemory(),
    rounds: pace.toolRounds,
    limit: pace.turns,
  });

  instrument.announceInventory({
    features: ["memory"],
    adapters: [...new Set(settings.channels.map(({ adapter }) => adapter))],
    mcpServers: 0,
    tools: BUILT_IN.length,
  });
  const { url, accessToken } = settings.onebot;
  const onebot = url === undefined ? undefined : connect(url);

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
      await onebot?.stop();
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
