import type { Item } from "../oracle/items.ts";
import { message, newTrace, record, request, span, state, tool } from "../oracle/makers.ts";
import { fed } from "../started/fed.ts";
import { startBot, type StartedBot, temporary } from "../started/started.ts";

const DAY = 86_400_000;
const GROUPS = [
  { group: "765", groupName: "深夜食堂" },
  { group: "766", groupName: "Board games" },
] as const;
const PEOPLE = ["ユキ", "=HYPERLINK(1)", "José, María"];

/** The trace that tests open: a message, an agent, two requests of which one failed, a tool and a log line. */
export const TURN = newTrace();

/** Three weeks of a small bot with everything that the page shows. */
export async function startWorld(): Promise<StartedBot> {
  const bot = await startBot({ dataDir: temporary(), zone: "UTC" });
  await fed(bot, [...states(), ...history(), ...lines(), ...turn()]);
  return bot;
}

function states(): Item[] {
  const channel = (id: string, name: string, status: string) =>
    state("bot.channel.state", { "bot.channel.id": id, "bot.channel.name": name, "bot.channel.status": status });
  return [
    state("bot.state", { "bot.id": "3001", "bot.platform": "onebot", "bot.connected": true }),
    channel("main", "Main channel", "active"),
    channel("spare", "Spare channel", "error"),
    state("bot.inventory", {
      "bot.features": ["memory"],
      "bot.adapters": ["openai"],
      "bot.mcp.servers": 0,
      "bot.tools": 2,
    }),
  ];
}

/** Of each day before today one to three turns, and two of today. */
function history(): Item[] {
  const items: Item[] = [];
  for (let ago = 20; ago >= 0; ago -= 1) {
    for (let n = 0; n <= ago % 3; n += 1)
      items.push(...smallTurn(Date.now() - ago * DAY - 120_000 - n * 1000, ago + n));
  }
  return items;
}

function smallTurn(at: number, n: number): Item[] {
  const trace = newTrace();
  const of = { trace, user: String(100 + (n % 3)), group: GROUPS[n % 2]?.group };
  const failed = n % 5 === 0;
  return [
    request({
      ...of,
      at,
      took: 800 + n,
      model: n % 2 ? "gpt-4o" : "deepseek-chat",
      channel: n % 2 ? "main" : "spare",
      input: 100 * (n + 1),
      output: 7,
      error: failed,
      statusMessage: failed ? `broke ${n}` : undefined,
    }),
    tool({ ...of, at, took: 12, name: n % 2 ? "get_time" : "get_weather", args: { n }, result: { ok: true } }),
    message({
      ...of,
      at: at + 5,
      took: 900,
      name: PEOPLE[n % 3],
      groupName: GROUPS[n % 2]?.groupName,
      responses: failed ? 0 : 1,
    }),
  ];
}

/** More than two pages of log lines. */
function lines(): Item[] {
  const severities = [17, 13, 9, 5];
  return Array.from({ length: 240 }, (_, n) =>
    record(`line ${n}`, {
      at: Date.now() - 3_600_000 + n * 1000,
      severity: severities[n % 4],
      attributes: { n, "user.id": "100" },
    }),
  );
}

function turn(): Item[] {
  const at = Date.now() - 30_000;
  const root = message({ trace: TURN, at, took: 6000, user: "100", group: "765", name: "ユキ", responses: 1 });
  const agent = span({ "gen_ai.operation.name": "invoke_agent" }, { parent: root, at: at - 20, took: 5900 });
  const exception = {
    type: "RateLimit",
    message: "API rate limit exceeded",
    stacktrace: "RateLimit: slow down\n    at ask (bot.ts:1)",
  };
  const first = request({
    parent: agent,
    at: at - 4000,
    took: 1800,
    model: "gpt-4o",
    channel: "main",
    error: true,
    exception,
  });
  const call = tool({
    parent: agent,
    at: at - 3000,
    took: 15.5,
    name: "get_weather",
    args: { city: "北京" },
    result: '{"temp":15}',
    errorType: "Weather",
  });
  const second = request({
    parent: agent,
    at: at - 100,
    took: 2800,
    model: "deepseek-chat",
    channel: "spare",
    input: 1200,
    output: 34,
  });
  const line = record("Chat request processed", { at: at - 50, inside: root, attributes: { durationMs: 5900 } });
  return [first, call, second, line, agent, root];
}
