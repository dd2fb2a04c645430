import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../started/until.ts";
import { freePort } from "../started/port.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE_24 = `node-${process.platform}-${process.arch}`;

/** botel's tarball, and bots that it is installed beside. */
export interface Installed {
  tarball: string;
  /** Of the bots; `plain`, `two` and `three` are in it. */
  folder: string;
  /** The Nodes that botel runs on. */
  nodes: { name: string; path: string }[];
  remove(): void;
}

/** Packs botel and installs it, as a user would. */
export function installPackage(): Installed {
  const folder = mkdtempSync(join(tmpdir(), "botel-package-"));
  npm(ROOT, "pack", "--pack-destination", folder);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz"))!,
  );
  cpSync(join(import.meta.dirname, "bots"), folder, { recursive: true });
  for (const bot of ["two", "three"]) {
    for (const file of ["own-sdk.mjs", "own-bot.mjs", "own-metrics.mjs"])
      cpSync(join(folder, file), join(folder, bot, file));
  }
  npm(folder, "install", "--ignore-scripts", tarball);
  const older = join(folder, "node-24");
  mkdirSync(older);
  npm(older, "install", "--no-save", "--prefix", older, `${NODE_24}@24.21.0`);
  return {
    tarball,
    folder,
    nodes: [
      { name: "26", path: process.execPath },
      { name: "24", path: join(older, "node_modules", NODE_24, "bin/node") },
    ],
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function npm(cwd: string, ...args: string[]): void {
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const { status, stdout, stderr } = spawnSync("npm", [...args, ...quiet], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

export interface RunOptions {
  /** Folder of the bot. */
  cwd: string;
  node?: string;
  args: string[];
  env?: Record<string, string>;
}

/** A bot's process, and where botel serves beside it. */
export interface Bot {
  url: string;
  dataDir: string;
  /** What it wrote so far. */
  output(): string;
  /** What it said, when it has. */
  said(): Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
  /** Ends its standard input, if it has not ended, and waits. @returns its exit code, null where a signal ended it */
  ended(): Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Ends what a test file started: for `afterAll`. */
export function endBots(): void {
  for (const child of running) child.kill("SIGKILL");
}

export async function runBot({ cwd, node = process.execPath, args, env = {} }: RunOptions): Promise<Bot> {
  const port = env["BOTEL_PORT"] ?? String(await freePort());
  const dataDir = mkdtempSync(join(cwd, "data-"));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:BOTEL_|OTEL_|PORT$|NODE_OPTIONS$|VITEST|npm_)/.test(name),
  );
  const child = spawn(node, args, {
    cwd,
    env: {
      ...Object.fromEntries(inherited),
      BOTEL_PORT: port,
      BOTEL_OTLP_PORT: "0",
      BOTEL_DATA_DIR: dataDir,
      ...env,
    },
  });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
  const ended = Promise.withResolvers<number | null>();
  child.once("close", (code) => {
    running.delete(child);
    ended.resolve(code);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    dataDir,
    output: () => text,
    async said() {
      const line = await until(
        () => /^said (.*)$/m.exec(text)?.[1],
        (found) => (found === undefined ? `it said nothing:\n${text}` : undefined),
        30_000,
      );
      return JSON.parse(line!);
    },
    kill: (signal) => void child.kill(signal),
    ended() {
      child.stdin.end();
      return ended.promise;
    },
  };
}
