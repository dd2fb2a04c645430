import { afterEach, vi } from "vitest";
import { startBot, type Bot, type BotOptions } from "../../src/bot/bot.ts";
import type { BotSettings } from "../../src/config/settings.ts";
import { startPeer, type Peer, type PeerOptions, type Sent } from "../../src/demo/onebot-peer.ts";
import type { Faults } from "../../src/demo/faults.ts";
import { startProvider, type Provider, type ProviderOptions } from "../../src/demo/provider.ts";
import { createRandom } from "../../src/demo/random.ts";
import { CHANNELS, type SimulatedChannel } from "../../src/demo/simulated-channels.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

export const BOT_ID = "3889001000";
export const ALICE = { id: "1001", name: "Alice" };
export const BOB = { id: "1002", name: "小明" };
export const GROUP = { id: "2001", name: "Tea room" };

/** Waits that suit a test: short where something is waited for, long where it must not happen. */
export const QUICK = {
  actionTimeout: 2000,
  reconnectMin: 5,
  reconnectMax: 20,
  retryDelay: 1,
  breakerFailures: 3,
  breakerOpen: 40,
  grace: 200,
};

/** A bot's settings, with nothing in them. */
export const PLAIN: BotSettings = {
  onebot: {},
  channels: [],
  mcp: [],
  limits: { groupAnswersPerDay: 0, userAnswersPerDay: 0 },
  groups: {},
};

const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Ended after the test, the last one first. */
export function ending<T extends { stop(): Promise<unknown> }>(started: T): T {
  endings.push(() => started.stop());
  return started;
}

export interface World {
  bot: Bot;
  peer: Peer;
  provider: Provider;
  recorder: Recorder;
  /** What the bot sent to the platform. */
  sent: Sent[];
}

export interface WorldOptions {
  peer?: Partial<PeerOptions>;
  provider?: Partial<ProviderOptions>;
  bot?: Partial<BotOptions>;
  pace?: BotOptions["pace"];
  settings?: Partial<BotSettings>;
  faults?: Faults;
}

/** A bot, connected to a simulated platform and a simulated provider that answers at once and knows no faults. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const sent: Sent[] = [];
  const recorder = createRecorder();
  const peer = ending(await startTestPeer({ onSent: (message) => sent.push(message), ...options.peer }));
  const provider = ending(
    await startTestProvider({ faults: options.faults ?? (() => undefined), ...options.provider }),
  );
  const onebot = { url: peer.url, accessToken: options.peer?.accessToken };
  const bot = ending(
    await startBot({
      settings: { ...PLAIN, onebot, channels: provider.channels, ...options.settings },
      instrument: recorder.instrument,
      pace: { ...QUICK, ...options.pace },
      ...options.bot,
    }),
  );
  await until(() => bot.connected);
  return { bot, peer, provider, recorder, sent };
}

export function startTestPeer(options: Partial<PeerOptions> = {}, port = 0): Promise<Peer> {
  return startPeer({ clock: systemClock, botId: BOT_ID, groups: [GROUP], heartbeat: 1000, ...options }, port);
}

export function startTestProvider(options: Partial<ProviderOptions> & { faults: Faults }): Promise<Provider> {
  const random = createRandom(1);
  return startProvider({ channels: CHANNELS, random, clock: systemClock, slowness: 0, ...options });
}

/** The channel with that name alone, without its outages. */
export function only(...ids: string[]): SimulatedChannel[] {
  return CHANNELS.filter(({ id }) => ids.includes(id));
}

/** Polls until it holds; the test fails where it never does. */
export async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 10_000, interval: 2 });
}
