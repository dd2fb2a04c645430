import type { Change } from "../contract/fact.ts";
import { NEW } from "../contract/fact.ts";
import type { BotState, BreakerState, ChannelState, ChannelStatus, Inventory, StateEvent } from "../contract/state.ts";
import { isOvertaken, SILENCE_MS } from "../contract/state.ts";
import type { Catalog } from "../contract/thread.ts";
import { put } from "./bounded.ts";

/** What is known of bots, channels and inventories: from state events (contract §9) and from messages. */
export interface Registry {
  /** What an earlier start knew; `states` are its last events, each as old as it says, but not of a time to come. */
  restore(
    catalog: Pick<Catalog, "bots" | "channels" | "inventories">,
    states: readonly StateEvent[],
    now: { nowMs: number; movedMs: number },
  ): void;
  /** Events that came just now. An event that is older than what its sender said before changes nothing. */
  learn(states: readonly StateEvent[], nowMs: number): void;
  /**
   * A bot known only by its messages counts as connected for 90 s after one (contract §9).
   *
   * @param movedMs how much later the clock is than `nowMs` says, since it was set
   */
  sawMessages(changes: readonly Change[], nowMs: number, movedMs: number): void;
  /** In no order. */
  bots(nowMs: number): KnownBot[];
  channels(nowMs: number): KnownChannel[];
  /** Of the senders heard in the last 90 s. */
  inventories(nowMs: number): Inventory[];
  /** Bots, channels and inventories that had to go because there were too many. */
  forgotten(): number;
}

export interface KnownBot {
  botId: string;
  platform?: string;
  version?: string;
  connected: boolean;
  /** False for a bot that is known only by its messages. */
  announced: boolean;
  heardMs: number;
  /** Epoch ms of its last change from away to connected; 0: never. */
  connectedAtMs: number;
  /** Epoch ms when it was last known to be connected; 0: never. */
  lastConnectedMs: number;
}

export interface KnownChannel {
  id: string;
  name?: string;
  adapter?: string;
  /** As announced; absent where that was too long ago (`disabled` stays). */
  status?: ChannelStatus;
  /** As announced in the last 90 s. */
  breaker?: BreakerState;
  models?: readonly string[];
  /** Whether it was announced in the last 90 s. */
  heard: boolean;
}

/** Of each kind; the one that was silent the longest goes. */
const LIMIT = 1000;

interface Heard {
  heardMs: number;
  sender: string;
  /** By the sender's clock. */
  timeMs: number;
}

interface Said<State> extends Heard {
  state: State;
}

/** `said`: whether it was connected when it was heard. */
type BotEntry = Omit<KnownBot, "connected"> & Heard & { said: boolean };

export function createRegistry(): Registry {
  const bots = new Map<string, BotEntry>();
  const channels = new Map<string, Said<ChannelState>>();
  const inventories = new Map<string, Said<Inventory>>();
  let forgotten = 0;

  function keep<Entry extends { heardMs: number }>(map: Map<string, Entry>, key: string, entry: Entry): void {
    forgotten += put(map, key, entry, LIMIT);
  }

  /** @returns undefined where it is older than what is known. */
  function learnBot(state: BotState, heardMs: number): BotEntry | undefined {
    const before = bots.get(state.botId);
    const sender = senderOf(state);
    if (before?.announced && isOlder({ sender, timeMs: state.timeMs, heardMs }, before)) return undefined;
    const was = before !== undefined && isConnected(before, heardMs);
    const entry: BotEntry = {
      botId: state.botId,
      platform: state.platform ?? before?.platform,
      version: state.version ?? before?.version,
      announced: true,
      said: state.connected,
      sender,
      timeMs: state.timeMs,
      heardMs,
      connectedAtMs: state.connected && !was ? heardMs : (before?.connectedAtMs ?? 0),
      lastConnectedMs: state.connected || was ? heardMs : (before?.lastConnectedMs ?? 0),
    };
    keep(bots, state.botId, entry);
    return entry;
  }

  function learnOther<State extends ChannelState | Inventory>(
    map: Map<string, Said<State>>,
    key: string,
    state: State,
    heardMs: number,
  ): void {
    const entry = { state, heardMs, sender: senderOf(state), timeMs: state.timeMs };
    const before = map.get(key);
    if (before === undefined || !isOlder(entry, before)) keep(map, key, entry);
  }

  function learn(state: StateEvent, heardMs: number): void {
    if (state.event === "bot.state") learnBot(state, heardMs);
    else if (state.event === "bot.channel.state") learnOther(channels, state.channelId, state, heardMs);
    else learnOther(inventories, `${senderOf(state)}\n${state.botId ?? ""}`, state, heardMs);
  }

  function sawMessage(botId: string, platform: string | undefined, atMs: number): void {
    const before = bots.get(botId);
    if (before?.announced || (before && before.heardMs > atMs)) return;
    keep(bots, botId, {
      botId,
      announced: false,
      said: true,
      sender: "",
      timeMs: atMs,
      heardMs: atMs,
      platform: platform ?? before?.platform,
      connectedAtMs: before && isConnected(before, atMs) ? before.connectedAtMs : atMs,
      lastConnectedMs: atMs,
    });
  }

  function restoreBot({ lastSeenMs, connectedAtMs, byMessages, ...state }: Catalog["bots"][string]): void {
    if (byMessages) return sawMessage(state.botId, state.platform, Math.min(state.timeMs, lastSeenMs));
    const entry = learnBot(state, lastSeenMs);
    if (entry === undefined) return;
    entry.connectedAtMs = connectedAtMs ?? entry.connectedAtMs;
    entry.lastConnectedMs = state.connected ? lastSeenMs : entry.connectedAtMs;
  }

  return {
    restore(catalog, states, { nowMs, movedMs }) {
      const heard = (atMs: number): number => Math.min(atMs - movedMs, nowMs);
      for (const entry of Object.values(catalog.bots)) restoreBot({ ...entry, lastSeenMs: heard(entry.lastSeenMs) });
      for (const { lastSeenMs, ...state } of Object.values(catalog.channels)) learn(state, heard(lastSeenMs));
      for (const { lastSeenMs, ...state } of Object.values(catalog.inventories)) learn(state, heard(lastSeenMs));
      for (const state of states) learn(state, heard(state.timeMs));
    },
    learn(states, nowMs) {
      for (const state of states) learn(state, nowMs);
    },
    sawMessages(changes, nowMs, movedMs) {
      for (const { fact, before } of changes) {
        if (fact.kind !== "message" || before !== NEW || fact.botId === undefined) continue;
        sawMessage(fact.botId, fact.platform, Math.min(fact.timeMs - movedMs, nowMs));
      }
    },
    bots: (nowMs) => [...bots.values()].map((bot) => ({ ...bot, connected: isConnected(bot, nowMs) })),
    channels: (nowMs) =>
      [...channels.values()].map(({ state, heardMs }) => {
        const heard = isHeard(heardMs, nowMs);
        const status = heard || state.status === "disabled" ? state.status : undefined;
        const breaker = heard ? state.breaker : undefined;
        const { channelId: id, name, adapter, models } = state;
        return { id, name, adapter, status, breaker, models, heard };
      }),
    inventories: (nowMs) =>
      [...inventories.values()].filter(({ heardMs }) => isHeard(heardMs, nowMs)).map(({ state }) => state),
    forgotten: () => forgotten,
  };
}

function isConnected({ said, heardMs }: Pick<BotEntry, "said" | "heardMs">, nowMs: number): boolean {
  return said && isHeard(heardMs, nowMs);
}

function isHeard(heardMs: number, nowMs: number): boolean {
  return nowMs - heardMs < SILENCE_MS;
}

/** Clocks of two senders differ, so only what one of them said is put in order by its own times. */
function isOlder(said: Heard, before: Heard): boolean {
  return said.heardMs < before.heardMs || (said.sender === before.sender && isOvertaken(said.timeMs, before.timeMs));
}

function senderOf({ service = "", instance = "" }: StateEvent): string {
  return `${service}\n${instance}`;
}
