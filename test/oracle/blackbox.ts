import { data, pages } from "../started/ask.ts";
import { until } from "../started/until.ts";
import { differences, rowDifferences } from "./differences.ts";
import type { Item } from "./items.ts";
import { understand } from "./oracle.ts";
import { questions } from "./questions.ts";
import type { Question } from "./questions.ts";

const HEARD_NS = 90_000_000_000n;
const MS = 1_000_000n;

/**
 * Asks a started botel everything, and waits a little where an answer is not the oracle's, as one may be a second behind
 * what happened.
 *
 * @param items all that it was ever told, in order
 * @param every asks only each so many-th question; 1: all
 * @param withinMs how long a wrong answer is waited for
 * @throws Error with what differs
 */
export async function expectRight(
  url: string,
  items: readonly Item[],
  zone: string,
  every = 1,
  withinMs = 2000,
): Promise<void> {
  const nowNs = BigInt(Date.now()) * MS;
  const all = questions(understand(items, zone, nowNs), nowNs - HEARD_NS);
  const wrong: string[] = [];
  for (const question of all.filter((_, i) => (i + items.length) % every === 0)) {
    try {
      await until(
        () => compare(url, question),
        (lines) => (lines.length === 0 ? undefined : lines.join("\n")),
        withinMs,
      );
    } catch (error) {
      wrong.push((error as Error).message);
    }
    if (wrong.length > 3) break;
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

/** @returns in what the answer differs, the first five lines */
export async function compare(url: string, question: Question): Promise<string[]> {
  const lines =
    "data" in question ? differences(await data(url, question.path), question.data) : await comparePages(url, question);
  const asked = "data" in question ? question.path : `${question.path} ${JSON.stringify(question.parameters)}`;
  return lines.slice(0, 5).map((line) => `GET ${asked}: ${line}`);
}

async function comparePages(
  url: string,
  { path, list, parameters, rows }: Extract<Question, { list: string }>,
): Promise<string[]> {
  const found = await pages(url, path, list, parameters);
  const fewest = Math.max(1, Math.ceil(rows.length / Number(parameters["limit"] ?? 100)));
  const tooMany = found.pages > fewest ? [`${found.pages} pages instead of ${fewest}`] : [];
  return [...tooMany, ...rowDifferences(found.rows, rows)];
}
