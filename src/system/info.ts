import type { Inventory } from "../contract/state.ts";
import type { InfoData } from "../contract/wire/system.ts";
import { compareCodePoints } from "../lib/order.ts";
import type { KnownChannel } from "./registry.ts";

/** Feature and adapter names that are shown at the most: they come from outside. */
const NAMES = 200;

/**
 * What is really on, of the bots heard in the last 90 s (contract §4).
 *
 * @param inventories of those bots
 * @param channels an adapter whose channel was announced in the last 90 s is one, too
 */
export function inventoryInfo(
  inventories: readonly Inventory[],
  channels: readonly KnownChannel[],
): Pick<InfoData, "features" | "adapters" | "mcpServers" | "totalTools"> {
  const on = names(inventories.flatMap(({ features }) => features));
  const heard = channels.filter((channel) => channel.heard).flatMap(({ adapter }) => adapter ?? []);
  // From entries, so that a feature named `__proto__` is but a name.
  const features = Object.fromEntries(on.map((name) => [name, true])) as Record<string, boolean>;
  return {
    features: { mcp: false, memory: false, galgame: false, ...features },
    adapters: names([...inventories.flatMap(({ adapters }) => adapters), ...heard]),
    mcpServers: sum(inventories.map(({ mcpServers }) => mcpServers)),
    totalTools: sum(inventories.map(({ tools }) => tools)),
  };
}

function names(all: readonly string[]): string[] {
  return [...new Set(all)].sort(compareCodePoints).slice(0, NAMES);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
