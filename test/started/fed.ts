import { record } from "../oracle/makers.ts";
import type { Item } from "../oracle/items.ts";
import { data } from "./ask.ts";
import { shown, type StartedBot } from "./started.ts";
import { until } from "./until.ts";

/**
 * Feeds a bot and waits until all of it is stored and answered: a log line after it is seen then, and facts keep their
 * order.
 */
export async function fed(bot: StartedBot, items: readonly Item[]): Promise<void> {
  const mark = `mark ${(marks += 1)}`;
  await bot.feed([...items, record(mark, { at: Date.now(), severity: 5 })]);
  await until(
    () => data<{ logs: { message: string }[] }>(bot.url, "/api/logs?level=debug&limit=20"),
    ({ logs }) => (logs.some(({ message }) => message === mark) ? undefined : `${mark} is not seen`),
    20_000,
  );
  await shown(bot);
}
let marks = 0;
