import { BrokenCircuitError } from "cockatiel";
import type { ChannelSettings } from "../config/settings.ts";
import type { Ask } from "./attempt.ts";
import { createChannel, type Channel, type ChannelOptions } from "./channel.ts";
import type { Completion } from "./completion.ts";
import { AttemptError } from "./failure.ts";

/** An answer, and who gave it. */
export interface Answered extends Completion {
  channel: string;
  model: string;
}

/** All channels, the first of them that can answer being asked. */
export interface Channels {
  /** Every model of an enabled channel, each once. */
  readonly models: readonly string[];
  /**
   * @param preferred a model of {@link models}: channels that have it are asked before the others
   * @throws {NoChannelError}
   */
  complete(ask: Ask, preferred?: string): Promise<Answered>;
}

/** Every channel failed, or is left alone because it just did. */
export class NoChannelError extends Error {
  override name = "NoChannelError";
}

export type ChannelsOptions = Omit<ChannelOptions, "settings">;

export function createChannels(all: readonly ChannelSettings[], options: ChannelsOptions): Channels {
  const { instrument } = options;
  for (const { id, name, adapter, models } of all.filter(({ enabled }) => !enabled)) {
    instrument.announceChannel({ id, name, adapter, models, status: "disabled" });
  }
  const channels = all
    .filter(({ enabled }) => enabled)
    .toSorted((a, b) => a.priority - b.priority)
    .map((settings) => createChannel({ ...options, settings }));

  async function complete(ask: Ask, preferred?: string): Promise<Answered> {
    let failed: { channel: string; error: AttemptError } | undefined;
    for (const channel of inOrder(channels, preferred)) {
      if (!channel.available()) continue;
      const model = modelOf(channel, preferred);
      try {
        const completion = await channel.complete(model, ask, failed?.channel);
        if (failed !== undefined) warnOfFailover(failed, channel.id, model);
        return { ...completion, channel: channel.id, model };
      } catch (error) {
        if (error instanceof BrokenCircuitError) continue;
        if (!(error instanceof AttemptError)) throw error;
        failed = { channel: channel.id, error };
      }
    }
    const why = failed === undefined ? "each failed a moment ago" : failed.error.message;
    throw new NoChannelError(`No channel could answer: ${why}`, { cause: failed?.error });
  }

  function warnOfFailover(from: { channel: string; error: AttemptError }, channel: string, model: string): void {
    instrument.log("warn", `Channel ${from.channel} failed, ${channel} answered instead`, {
      "bot.channel.id": channel,
      "gen_ai.request.model": model,
      "error.type": from.error.code,
    });
  }

  return { models: [...new Set(channels.flatMap(({ models }) => models))], complete };
}

function inOrder(channels: readonly Channel[], preferred: string | undefined): Channel[] {
  const has = (channel: Channel) => preferred !== undefined && channel.models.includes(preferred);
  return [...channels.filter(has), ...channels.filter((channel) => !has(channel))];
}

function modelOf({ models }: Channel, preferred: string | undefined): string {
  return models.find((model) => model === preferred) ?? models[0] ?? "unknown";
}
