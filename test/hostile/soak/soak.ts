import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Report } from "../../../bench/sse-clients.ts";
import { compare } from "../../oracle/blackbox.ts";
import { understand } from "../../oracle/oracle.ts";
import { questions, type Question } from "../../oracle/questions.ts";
import { until } from "../../started/until.ts";
import { rssOf } from "../attack.ts";
import type { Asked } from "./asker.ts";
import { load, type Load } from "./load.ts";
import { type Point, quantile } from "./slope.ts";

export interface Soaked extends Asked {
  facts: number;
  /** OTLP requests that were sent again, as told to. */
  again: number;
  /** Resident size of botel, x in s, y in MB. */
  rss: Point[];
  /** What the clients of the live events saw. */
  live: Report;
  /** Questions of the oracle that were asked when the load was over. */
  questions: number;
}

export interface Soak {
  url: string;
  pid: number;
  seconds: number;
  /** Called each ten seconds. */
  progress?: (line: string) => void;
}

const FACTS_PER_SECOND = 300;
const CLIENTS = 100;
const MS = 1_000_000n;
/** A list with more pages is not read. */
const MAX_PAGES = 60;
/** An answer may be a second behind. */
const BEHIND_MS = 10_000;

/** 300 facts a second over OTLP, a hundred clients of the live events, scrapes and queries; then everything is asked. */
export async function soak({ url, pid, seconds, progress = () => {} }: Soak): Promise<Soaked> {
  const { hostname, port } = new URL(url);
  const clients = await started("../../../bench/sse-clients.ts", hostname, port, String(CLIENTS), "0");
  const asker = await started("asker.ts", url);
  const sent: Load = { told: [], again: 0, wrong: [] };
  const rss: Point[] = [];
  const watching = setInterval(() => {
    const at: Point = { x: rss.length + 1, y: rssOf(pid) };
    rss.push(at);
    if (at.x % 10 === 0) progress(`${at.x} s: ${sent.told.length} facts, RSS ${at.y.toFixed(0)} MB`);
  }, 1000);
  try {
    await load(url, FACTS_PER_SECOND, seconds, sent);
  } finally {
    clearInterval(watching);
  }
  const asked = await said<Asked>(asker, "report");
  const { count, wrong } = await allAsked(url, sent.told);
  const live = await caughtUp(clients, sent.told);
  clients.send("leave");
  return {
    ...asked,
    facts: sent.told.length,
    again: sent.again,
    wrong: [...sent.wrong, ...asked.wrong, ...wrong, ...missedLive(live, sent.told)],
    rss,
    live,
    questions: count,
  };
}

async function started(file: string, ...args: string[]): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, file), args, { execArgv: [] });
  await once(child, "message");
  return child;
}

async function said<Word>(child: ChildProcess, what: string): Promise<Word> {
  const answer = once(child, "message");
  child.send(what);
  return ((await answer) as [Word])[0];
}

/** What the clients saw, once the last event came, or did not for long. */
async function caughtUp(clients: ChildProcess, told: Load["told"]): Promise<Report> {
  let live = await said<Report>(clients, "report");
  const ask = async (): Promise<Report> => (live = await said<Report>(clients, "report"));
  await until(ask, (report) => missedLive(report, told)[0], BEHIND_MS * 2).catch(() => {}); // told by `wrong`
  return live;
}

/** Each event came to each client once, and the `metric` events add up to what was sent. */
function missedLive({ open, holes, repeats, ended, sums }: Report, told: Load["told"]): string[] {
  const messages = told.filter(({ attributes }) => attributes["bot.operation.name"] === "message").length;
  return [
    ...(open === CLIENTS && ended === 0 ? [] : [`${open} clients of ${CLIENTS} are connected, ${ended} were cut`]),
    ...(holes + repeats === 0 ? [] : [`${holes} events are missing, ${repeats} came twice`]),
    ...(sums["messages"] === messages
      ? []
      : [`the events tell of ${sums["messages"]} messages instead of ${messages}`]),
  ];
}

/** Nothing is lost: every statistic, and every list that is not too long to read, is as the oracle says. */
async function allAsked(url: string, told: Load["told"]): Promise<{ count: number; wrong: string[] }> {
  const nowNs = BigInt(Date.now()) * MS;
  const all = questions(understand(told, "UTC", nowNs), nowNs).filter(isShort);
  const wrong: string[] = [];
  for (const question of all) {
    const right = (lines: string[]): string | undefined => (lines.length === 0 ? undefined : lines.join("\n"));
    await until(() => compare(url, question), right, BEHIND_MS).catch((error: unknown) => wrong.push(String(error)));
    if (wrong.length > 5) break;
  }
  return { count: all.length, wrong };
}

function isShort(question: Question): boolean {
  if ("data" in question) return true;
  return question.rows.length / Number(question.parameters["limit"] ?? 100) <= MAX_PAGES;
}

/** What a person wants to read of it. */
export function described({ facts, again, queries, inServer, scrapes, live, questions: count }: Soaked): string[] {
  const shown = (list: readonly number[]): string =>
    [0.5, 0.99, 1].map((q) => `${quantile(list, q).toFixed(1)} ms`).join(", ");
  const delays = live.delays.flatMap(([ms, n]) => Array.from({ length: n }, () => ms));
  return [
    `${facts} facts, ${again} OTLP requests sent again; ${count} questions of the oracle`,
    `${queries.length} queries: p50, p99, max ${shown(queries)}; in the server ${shown(inServer)}`,
    `${scrapes.length} scrapes: ${shown(scrapes)}`,
    `${live.open} clients of ${live.events} events: ${live.holes} missing, ${live.repeats} twice, ${live.ended} ended; delay of errors ${shown(delays)}`,
  ];
}
