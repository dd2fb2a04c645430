import { message, newTrace, record, request, tool } from "../../oracle/makers.ts";
import type { Item } from "../../oracle/items.ts";

const USERS = 60;
const GROUPS = 6;
const MODELS = ["gpt-4o", "gpt-4o-mini", "deepseek-chat", "qwen/qwen3-32b"];
const CHANNELS = ["openai-main", "deepseek-spare", "local"];
const TOOLS = ["get_time", "roll_dice", "web_search", "get_weather"];

/** Facts of one turn: a message, two requests, a tool call, a log line. */
export const FACTS_OF_A_TURN = 5;

const of = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/**
 * The nth turn, which ends now. One request in 20 fails, and says when.
 *
 * @returns its facts in the order in which a bot ends them
 */
export function turn(n: number, nowMs: number): Item[] {
  const trace = newTrace();
  const who = {
    user: `user-${n % USERS}`,
    name: `name-${n % USERS}`,
    group: `group-${n % GROUPS}`,
    groupName: `g${n % GROUPS}`,
  };
  const root = message({ trace, at: nowMs, took: 900, responses: 1, ...who });
  const inside = { trace, parent: root, at: nowMs - 10 };
  const failed = n % 10 === 3;
  const told = failed ? { error: true, statusMessage: `sent ${nowMs}` } : {};
  return [
    request({
      ...inside,
      took: 300 + (n % 97),
      model: of(MODELS, n),
      channel: of(CHANNELS, n),
      input: n % 900,
      output: n % 70,
      ...told,
    }),
    tool({ ...inside, name: of(TOOLS, n), took: n % 40, args: `{"n":${n}}`, result: `{"value":${n * 2}}` }),
    request({
      ...inside,
      took: 200 + (n % 89),
      model: of(MODELS, n + 1),
      channel: of(CHANNELS, n),
      input: 100 + (n % 300),
      output: 20,
    }),
    root,
    record(`turn ${n} done`, { at: nowMs, severity: n % 4 === 0 ? 13 : 9, inside: root, attributes: { n } }),
  ];
}
