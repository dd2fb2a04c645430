import { STATE_EVENTS } from "../contract/attributes.ts";
import type { Refusal } from "../contract/mapping.ts";
import type { Attributes } from "../contract/span.ts";
import type { BreakerState, ChannelStatus, StateEvent } from "../contract/state.ts";
import type { Fields } from "./fields.ts";
import { countOf, nameOf, namesOf } from "./values.ts";

const STATUSES: ReadonlySet<unknown> = new Set<ChannelStatus>(["active", "error", "disabled"]);
const BREAKERS: ReadonlySet<unknown> = new Set<BreakerState>(["closed", "half_open", "open"]);
const EVENTS: ReadonlySet<string> = new Set(Object.values(STATE_EVENTS));

export type StateEventName = StateEvent["event"];

export function isStateEvent(event: string): event is StateEventName {
  return EVENTS.has(event);
}

/** Reads a state event (contract §9); one that lacks its id or its state is refused. */
export function toState(event: StateEventName, fields: Fields, timeMs: number, resource: Attributes) {
  const base = {
    timeMs,
    service: nameOf(resource["service.name"]),
    instance: nameOf(resource["service.instance.id"]),
    version: nameOf(resource["service.version"]),
  };
  if (event === "bot.state") return botState(base, fields);
  return event === "bot.channel.state" ? channelState(base, fields) : inventory(base, fields);
}

type Base = Pick<StateEvent, "timeMs" | "service" | "instance" | "version">;

function botState(base: Base, fields: Fields): StateEvent | Refusal {
  const { connected } = fields;
  const botId = nameOf(fields.botId);
  if (botId === undefined) return { refused: "invalid_id" };
  if (typeof connected !== "boolean") return { refused: "invalid_state" };
  return { event: "bot.state", ...base, botId, platform: nameOf(fields.platform), connected };
}

function channelState(base: Base, fields: Fields): StateEvent | Refusal {
  const channelId = nameOf(fields.channel);
  const status = fields.channelStatus;
  if (channelId === undefined) return { refused: "invalid_id" };
  if (!STATUSES.has(status)) return { refused: "invalid_state" };
  return {
    event: "bot.channel.state",
    ...base,
    channelId,
    name: nameOf(fields.channelName),
    adapter: nameOf(fields.channelAdapter),
    status: status as ChannelStatus,
    breaker: BREAKERS.has(fields.channelBreaker) ? (fields.channelBreaker as BreakerState) : undefined,
    models: namesOf(fields.channelModels),
    errorType: nameOf(fields.errorType),
  };
}

function inventory(base: Base, fields: Fields): StateEvent {
  return {
    event: "bot.inventory",
    ...base,
    botId: nameOf(fields.botId),
    features: namesOf(fields.features),
    adapters: namesOf(fields.adapters),
    mcpServers: countOf(fields.mcpServers) ?? 0,
    tools: countOf(fields.tools) ?? 0,
  };
}
