import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Item } from "../oracle/items.ts";
import { ask } from "./ask.ts";
import type { Order, Word } from "./bot.ts";
import { until } from "./until.ts";

/** How long a bot may take to start or to do as it is told. */
const PATIENCE_MS = 20_000;
const ROOT = join(import.meta.dirname, "../..");

/** Everything is kept as long as facts are, so that the oracle needs to know one age only. */
const KEEP_ALL = "store:\n  retention: { facts: 90, debugLogs: 90, toolBodies: 90 }\n";

/** A process with botel in it. */
export interface Started {
  /** Where it serves; ends in no slash. */
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Asks it to end (SIGTERM) and waits. @returns its exit code, null where a signal ended it */
  stop(): Promise<number | null>;
  /** Ends it at once (SIGKILL) and waits. */
  kill(): Promise<void>;
}

export interface StartedBot extends Started {
  /** Starts the spans that are fed later, so that each has its parent. */
  begin(items: readonly Item[]): Promise<void>;
  /** Ends spans and emits records in the bot, in this order; resolves when that is done, not when they are stored. */
  feed(items: readonly Item[]): Promise<void>;
  /** Gives an order that is answered when it is done. */
  order(order: Order): Promise<Done>;
  /** Gives an order that is never answered. */
  tell(order: Order): void;
  /** What a `stream` made so far. */
  readonly made: readonly Made[];
}

type Made = Extract<Word, { type: "made" }>;
type Done = Extract<Word, { type: "done" }>;

export interface StartOptions {
  dataDir: string;
  zone?: string;
  /** YAML on top of the defaults. */
  config?: string;
  env?: Record<string, string>;
  /** A command that runs the one it is given, as `prlimit` does. */
  through?: string[];
  /** The bot may begin without its observer; its `url` is empty then. */
  offAtFirst?: boolean;
}

/** Where what is started keeps its facts, if not in its own folder; and how one knows that it shows what it stored. */
export interface Elsewhere {
  /** Settings below `store`. */
  store(dataDir: string): object;
  shown(bot: StartedBot): Promise<void>;
}
let elsewhere: Elsewhere | undefined;

/** For all that a test file starts from now on. */
export function keepFacts(where: Elsewhere): void {
  elsewhere = where;
}

/** Waits until answers have all that is stored; in its own folder that is so within the second that tests wait. */
export async function shown(bot: StartedBot): Promise<void> {
  await elsewhere?.shown(bot);
}

/** What is elsewhere may be away at first; who asks is told so. */
async function opened(url: string): Promise<void> {
  await until(
    () => ask(url, "/api/stats"),
    ({ status }) => (status === 200 ? undefined : `it answers ${status}`),
    PATIENCE_MS,
  );
}

function withStore(config: string, dataDir: string): string {
  if (elsewhere === undefined) return config;
  const own = (parse(config) ?? {}) as { store?: object };
  return stringify({ ...own, store: { ...own.store, ...elsewhere.store(dataDir) } });
}

/** What runs, and whether it leads a group of its own, as npm with what it starts. */
const running = new Map<ChildProcess, { group: boolean }>();

/** A folder that is removed by {@link cleanUp}. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "botel-test-"));
  folders.push(folder);
  return folder;
}
const folders: string[] = [];

/** Ends what a test file started and removes its folders: for `afterAll`. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running.keys()].map((child) => ended(child, "SIGKILL")));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function environment({ dataDir, zone, config = KEEP_ALL, env = {} }: StartOptions): NodeJS.ProcessEnv {
  const file = join(temporary(), "botel.yaml");
  writeFileSync(file, withStore(config, dataDir));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:BOTEL_|OTEL_|PORT$|NODE_OPTIONS$|VITEST)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    BOTEL_PORT: "0",
    BOTEL_OTLP_PORT: "0",
    BOTEL_DATA_DIR: dataDir,
    BOTEL_CONFIG: file,
    BOTEL_DEMO: "0",
    ...(zone === undefined ? {} : { BOTEL_TIME_ZONE: zone }),
    ...env,
  };
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  child.once("close", resolve);
  process.kill(running.get(child)?.group ? -child.pid! : child.pid!, signal);
  return promise;
}

function watch(child: ChildProcess, group: boolean): () => string {
  let text = "";
  running.set(child, { group });
  child.once("close", (code, signal) => {
    running.delete(child);
    text += `\nthe process ended: ${code ?? signal}\n`;
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (part: string) => (text += part));
  return () => text;
}

function handle(child: ChildProcess, url: string, output: () => string): Started {
  return {
    url,
    pid: child.pid!,
    output,
    stop: () => ended(child, "SIGTERM"),
    kill: async () => void (await ended(child, "SIGKILL")),
  };
}

/** A bot's process with botel inside (`bot.ts`), when it serves. */
export async function startBot(options: StartOptions): Promise<StartedBot> {
  const child = fork(join(import.meta.dirname, "bot.ts"), {
    env: environment(options),
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = watch(child, false);
  const made: Made[] = [];
  child.on("message", (word: Word) => {
    if (word.type === "made") made.push(word);
  });
  const ready = await answer(child, output);
  const isOff = ready.type === "failed" && options.offAtFirst === true;
  if (ready.type !== "ready" && !isOff) throw new Error(`the bot did not start: ${JSON.stringify(ready)}\n${output()}`);
  if (elsewhere !== undefined && ready.type === "ready") await opened(ready.url);
  async function order(what: Order): Promise<Done> {
    const word = answer(child, output);
    child.send(what);
    const done = (await word) as Done;
    if (done.error !== undefined) throw new Error(done.error);
    return done;
  }
  return {
    ...handle(child, ready.type === "ready" ? ready.url : "", output),
    begin: async (items) => void (await order({ type: "begin", items: [...items] })),
    feed: async (items) => void (await order({ type: "feed", items: [...items] })),
    order,
    tell: (what) => void child.send(what),
    made,
  };
}

/** The next thing that the bot says but `made`. */
function answer(child: ChildProcess, output: () => string): Promise<Word> {
  const { promise, resolve, reject } = Promise.withResolvers<Word>();
  const giveUp = (why: string): void => reject(new Error(`the bot ${why}\n${output()}`));
  const timer = setTimeout(() => giveUp(`said nothing for ${PATIENCE_MS} ms`), PATIENCE_MS);
  const onEnd = (): void => giveUp("ended");
  const onWord = (word: Word): void => {
    if (word.type !== "made") resolve(word);
  };
  child.on("message", onWord).once("close", onEnd);
  return promise.finally(() => {
    clearTimeout(timer);
    child.off("message", onWord).off("close", onEnd);
  });
}

/** `npm start` in this clone, when it says where it serves. */
export function startNpm(options: StartOptions): Promise<Started> {
  return startCommand("npm", ["start", "--silent"], { config: "", ...options }, true);
}

/** `botel serve` as a process of its own, without a bot, when it says where it serves. */
export function startServe(options: StartOptions): Promise<Started> {
  return startCommand(process.execPath, ["src/start.mjs", "serve"], options, false);
}

async function startCommand(command: string, args: string[], options: StartOptions, group: boolean): Promise<Started> {
  const [first, ...others] = [...(options.through ?? []), command, ...args] as [string, ...string[]];
  const child = spawn(first, others, {
    cwd: ROOT,
    env: environment(options),
    stdio: ["ignore", "pipe", "pipe"],
    detached: group,
  });
  const output = watch(child, group);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.on("data", () => {
    const url = /serves (http:\/\/\S+)/.exec(output())?.[1];
    if (url !== undefined) resolve(url);
  });
  child.once("close", () => reject(new Error(`${command} ended\n${output()}`)));
  return handle(child, await promise, output);
}
