import type { BotRow, StatusData } from "../contract/wire/system.ts";
import { writeSeconds } from "../contract/wire/time.ts";
import { compareCodePoints } from "../lib/order.ts";
import type { KnownBot } from "./registry.ts";

/**
 * The bot of `/api/system/status` (contract §4): the connected one that connected last; where none is connected, the
 * one that was last, `connected: false`; where none is known, `false` and two nulls.
 */
export function statusBot(bots: readonly KnownBot[]): StatusData["bot"] {
  const connected = bots.filter((bot) => bot.connected);
  const bot = connected.length > 0 ? latest(connected, "connectedAtMs") : latest(bots, "lastConnectedMs");
  if (bot === undefined) return { connected: false, platform: null, uin: null };
  return { connected: bot.connected, platform: bot.platform ?? null, uin: bot.botId };
}

/** @returns every known bot, by id. */
export function botRows(bots: readonly KnownBot[]): BotRow[] {
  return bots
    .map((bot) => ({
      uin: bot.botId,
      platform: bot.platform ?? null,
      connected: bot.connected,
      version: bot.version ?? null,
      lastSeen: writeSeconds(bot.heardMs),
    }))
    .sort((a, b) => compareCodePoints(a.uin, b.uin));
}

/** Equal times: the one heard last, then the smaller id, so that the answer does not depend on an order. */
function latest(bots: readonly KnownBot[], when: "connectedAtMs" | "lastConnectedMs"): KnownBot | undefined {
  const [first] = bots.toSorted(
    (a, b) => b[when] - a[when] || b.heardMs - a.heardMs || compareCodePoints(a.botId, b.botId),
  );
  return first;
}
