import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { until } from "../started/until.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Sample {
  metric: Record<string, string>;
  /** Epoch seconds, and the value as text. */
  values: [number, string][];
}

/** Debian's Prometheus with a file of config/, but for its targets, its rhythm and where it listens. */
export interface Prometheus {
  url: string;
  /** Its API. @throws {Error} with what it says where it says no */
  ask<Data>(path: string, parameters?: Record<string, string | number>): Promise<Data>;
  /** At one moment (epoch ms; default: now). */
  instant(expr: string, atMs?: number): Promise<Sample[]>;
  /** Over the last minutes. @param stepS seconds */
  range(expr: string, fromMs: number, toMs: number, stepS: number): Promise<Sample[]>;
  stop(): Promise<void>;
}

/** What it scrapes, and how. */
export interface Scraped {
  /** In config/. */
  file: string;
  /** `host:port` of each, by job; one that the file does not have takes all that is scraped, as it is. */
  targets: Record<string, string[]>;
  everyS: number;
  token?: string;
}

/** @param target `host:port` of the botel that it scrapes, every second; @param token where that needs one */
export function startPrometheus(target: string, token?: string): Promise<Prometheus> {
  const file = token === undefined ? "prometheus.yml" : "prometheus-token.yml";
  return scrape({ file, targets: { botel: [target] }, everyS: 1, token });
}

export async function scrape(scraped: Scraped): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "botel-prometheus-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "prometheus.yml"), configuration(scraped, folder));
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
      "--log.level=warn",
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = outputOf(child);

  async function ask<Data>(path: string, parameters: Record<string, string | number> = {}): Promise<Data> {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`${url}${path}?${query.toString()}`, { signal: AbortSignal.timeout(20_000) });
    const body = (await answer.json()) as { status: string; data: Data; error?: string };
    if (body.status !== "success") throw new Error(`${path} ${query.toString()}: ${body.error}`);
    return body.data;
  }

  await until(
    async () => (await fetch(`${url}/-/ready`)).status,
    (status) => {
      if (child.exitCode !== null) return `it ended: ${output()}`;
      return status === 200 ? undefined : `${status}: ${output()}`;
    },
    30_000,
  );
  return {
    url,
    ask,
    async instant(expr, atMs = Date.now()) {
      type Vector = {
        resultType: string;
        result: { metric: Sample["metric"]; value: [number, string] }[] | [number, string];
      };
      const { resultType, result } = await ask<Vector>("/api/v1/query", { query: expr, time: atMs / 1000 });
      if (resultType === "scalar") return [{ metric: {}, values: [result as [number, string]] }];
      return (result as { metric: Sample["metric"]; value: [number, string] }[]).map(({ metric, value }) => ({
        metric,
        values: [value],
      }));
    },
    async range(expr, fromMs, toMs, stepS) {
      const asked = { query: expr, start: fromMs / 1000, end: toMs / 1000, step: stepS };
      return (await ask<{ result: Sample[] }>("/api/v1/query_range", asked)).result;
    },
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration({ file: name, targets, everyS, token }: Scraped, folder: string): string {
  const file = join(ROOT, "config", name);
  const config = parse(readFileSync(file, "utf8")) as {
    global: Record<string, string>;
    rule_files: string[];
    scrape_configs: {
      job_name: string;
      static_configs: { targets: string[] }[];
      /** The path is relative to the file's. */
      authorization?: { credentials_file: string };
    }[];
  };
  if (token !== undefined) {
    for (const { authorization } of config.scrape_configs) {
      writeFileSync(join(folder, authorization!.credentials_file), token, { mode: 0o600 });
    }
  }
  const every = `${everyS}s`;
  config.global = { scrape_interval: every, scrape_timeout: every, evaluation_interval: "1s" };
  config.rule_files = config.rule_files.map((pattern) => join(file, "..", pattern));
  const known = new Map(config.scrape_configs.map((job) => [job.job_name, job]));
  config.scrape_configs = Object.entries(targets).map(([job, of]) => ({
    ...known.get(job),
    job_name: job,
    static_configs: [{ targets: of }],
  }));
  return stringify(config);
}

function outputOf(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  child.on("error", (error) => (text += String(error)));
  return () => text;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
