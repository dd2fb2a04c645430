import { record } from "../oracle/makers.ts";
import type { Item } from "../oracle/items.ts";
import { data } from "./ask.ts";
import { shown, type StartedBot } from "./started.ts";
import { until } from "./until.ts";

/**
 * Feeds a bot and waits until all of it is stored and answered. Facts keep their order, so a log line after them is stored
 * after them; the log is read from the disk, while numbers change when the observer hears of the commit. When a second line is
 * stored it was told of all before it.
 */
export async function fed(bot: StartedBot, items: readonly Item[]): Promise<void> {
  await bot.feed(items);
  await marked(bot);
  await marked(bot);
  await shown(bot);
}

async function marked(bot: StartedBot): Promise<void> {
  const mark = `mark ${(marks += 1)}`;
  await bot.feed([record(mark, { at: Date.now(), severity: 5 })]);
  await until(
    () => data<{ logs: { message: string }[] }>(bot.url, "/api/logs?level=debug&limit=20"),
    ({ logs }) => (logs.some(({ message }) => message === mark) ? undefined : `${mark} is not seen`),
    20_000,
  );
}
let marks = 0;
