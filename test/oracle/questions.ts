import { query } from "../started/ask.ts";
import { errorLines, LEVELS, logLines, toolLines } from "./logs.ts";
import type { Row } from "./logs.ts";
import { channels, groups, models, PERIODS, stats, tools, users } from "./oracle.ts";
import type { Selection, World } from "./oracle.ts";

/** A question to the API with the only right answer. */
export type Question =
  | { path: string; data: object }
  /** A list to be read page by page. */
  | { path: string; list: string; parameters: Parameters; rows: Row[] };

type Parameters = Record<string, string | number | undefined>;

const uniq = <T>(values: readonly (T | undefined)[]): T[] => [...new Set(values)].filter((one) => one !== undefined);

/**
 * Every documented list and total, over all periods and groups.
 *
 * @param freshNs channel states announced before are not heard any more
 */
export function questions(world: World, freshNs: bigint): Question[] {
  const known = uniq(world.facts.map(({ group }) => group));
  const selections = [undefined, ...known, "no such group"].flatMap((groupId) =>
    [...PERIODS, undefined].map((period) => ({ groupId, period })),
  );
  return [...selections.flatMap((one) => aboutSelection(world, one, freshNs)), ...aboutLogs(world)];
}

function aboutSelection(
  world: World,
  given: { groupId: string | undefined; period: Selection["period"] | undefined },
  freshNs: bigint,
): Question[] {
  const { groupId, period = "all" } = given;
  const chosen = { groupId, period };
  const at = (name: string, data: object, more: Parameters = {}): Question => ({
    path: query(`/api/stats${name}`, { ...given, ...more }),
    data,
  });
  return [
    at("", stats(world, chosen)),
    at("/models", models(world, chosen)),
    at("/tools", tools(world, chosen)),
    at("/users", users(world, chosen)),
    at("/users", users(world, { ...chosen, sort: "tokens", limit: 3 }), { sort: "tokens", limit: 3 }),
    at("/users", users(world, { ...chosen, limit: 1000 }), { sort: "messages", limit: 1000 }),
    at("/groups", groups(world, chosen)),
    at("/groups", groups(world, { ...chosen, sort: "tokens", limit: 2 }), { sort: "tokens", limit: 2 }),
    at("/channels", channels(world, chosen, freshNs)),
  ];
}

function aboutLogs(world: World): Question[] {
  const called = world.facts.filter(({ kind }) => kind === "tool");
  const names = [...uniq(called.map(({ tool }) => tool)), "no such tool"];
  const callers = [...uniq(called.map(({ user }) => user)), "nobody"];
  const filters = [
    {},
    ...names.map((toolName) => ({ toolName })),
    ...callers.map((userId) => ({ userId })),
    ...(["success", "error"] as const).flatMap((status) => [
      { status },
      ...names.slice(0, 2).map((toolName) => ({ status, toolName })),
      ...callers.slice(0, 2).map((userId) => ({ status, userId, toolName: names[0] })),
    ]),
  ];
  return [
    ...[undefined, ...LEVELS].flatMap((level) =>
      [undefined, 3].map((limit) => paged("/api/logs", "logs", { level, limit }, logLines(world, level))),
    ),
    ...filters.map((filter, i) =>
      paged("/api/logs/tools", "logs", { ...filter, limit: i % 2 ? 1000 : 4 }, toolLines(world, filter)),
    ),
    ...[undefined, 2].map((limit) => paged("/api/logs/errors", "errors", { limit }, errorLines(world))),
  ];
}

function paged(path: string, list: string, parameters: Parameters, rows: Row[]): Question {
  return { path, list, parameters, rows };
}
