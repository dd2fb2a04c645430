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
 * Asks a started botel everything and compares with the oracle.
 *
 * @param items all that it was ever told, in order
 * @returns what differs, one line each; empty where it is right
 */
export async function wrongAnswers(url: string, items: readonly Item[], zone: string): Promise<string[]> {
  const nowNs = BigInt(Date.now()) * MS;
  const world = understand(items, zone, nowNs);
  const found: string[] = [];
  for (const question of questions(world, nowNs - HEARD_NS)) {
    found.push(...(await compare(url, question)));
    if (found.length > 20) break;
  }
  return found;
}

async function compare(url: string, question: Question): Promise<string[]> {
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

/** Waits until every answer is right, as an answer may be a second behind what happened. @throws Error with what differs */
export async function untilRight(url: string, items: readonly Item[], zone: string): Promise<void> {
  await until(
    () => wrongAnswers(url, items, zone),
    (wrong) => (wrong.length === 0 ? undefined : `\n${wrong.join("\n")}`),
    3000,
  );
}
