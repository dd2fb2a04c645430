import { ROOT_CONTEXT, SeverityNumber } from "@opentelemetry/api";
import type { Attributes } from "@opentelemetry/api";
import { ATTRIBUTES, STATE_EVENTS } from "../contract/attributes.ts";
import { REPEAT_MS } from "../contract/state.ts";
import type { Instrument } from "./api.ts";
import { currentLogger } from "./log.ts";
import { quiet } from "./quiet.ts";

/** Bots and channels that are announced at the most; past it the oldest is no longer repeated. */
const LIMIT = 1_000;

interface Announcement {
  eventName: string;
  attributes: Attributes;
}

const announced = new Map<string, Announcement>();
let timer: NodeJS.Timeout | undefined;

export const announceBot: Instrument["announceBot"] = ({ botId, platform, connected }) => {
  announce(`bot ${botId}`, STATE_EVENTS.bot, {
    [ATTRIBUTES.botId[0]]: botId,
    [ATTRIBUTES.platform[0]]: platform,
    [ATTRIBUTES.connected[0]]: connected,
  });
};

export const announceChannel: Instrument["announceChannel"] = (channel) => {
  announce(`channel ${channel.id}`, STATE_EVENTS.channel, {
    [ATTRIBUTES.channel[0]]: channel.id,
    [ATTRIBUTES.channelName[0]]: channel.name,
    [ATTRIBUTES.channelAdapter[0]]: channel.adapter,
    [ATTRIBUTES.channelStatus[0]]: channel.status,
    [ATTRIBUTES.channelBreaker[0]]: channel.breaker,
    [ATTRIBUTES.channelModels[0]]: channel.models,
    [ATTRIBUTES.errorType[0]]: channel.errorType,
  });
};

export const announceInventory: Instrument["announceInventory"] = (inventory) => {
  announce("inventory", STATE_EVENTS.inventory, {
    [ATTRIBUTES.features[0]]: inventory.features,
    [ATTRIBUTES.adapters[0]]: inventory.adapters,
    [ATTRIBUTES.mcpServers[0]]: inventory.mcpServers,
    [ATTRIBUTES.tools[0]]: inventory.tools,
  });
};

function announce(key: string, eventName: string, attributes: Attributes): void {
  announced.delete(key);
  announced.set(key, { eventName, attributes });
  if (announced.size > LIMIT) announced.delete(announced.keys().next().value!);
  timer ??= setInterval(announceAgain, REPEAT_MS).unref();
  emit({ eventName, attributes });
}

/** Sends every announced state again: every 30 s, and to an SDK that was started after the announcement. */
export function announceAgain(): void {
  for (const announcement of announced.values()) emit(announcement);
}

/** Nothing is announced any more; for a bot that has stopped. */
export function announceNothing(): void {
  clearInterval(timer);
  timer = undefined;
  announced.clear();
}

function emit({ eventName, attributes }: Announcement): void {
  quiet(() =>
    currentLogger().emit({ eventName, attributes, severityNumber: SeverityNumber.INFO, context: ROOT_CONTEXT }),
  );
}
