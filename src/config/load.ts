import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { isLoopback } from "../lib/address.ts";
import { sha256 } from "../lib/digest.ts";
import { settingsSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { readTokens } from "./token-file.ts";

/** Everything that is wrong with the settings, one line each, every line naming the setting and its place. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

export interface SettingsSource {
  env: Readonly<Record<string, string | undefined>>;
  /** Relative paths in settings start here. */
  cwd: string;
  /** True for botel's own commands: `PORT` is read where `BOTEL_PORT` is not set (contract §7). */
  ownProcess: boolean;
}

/**
 * Reads `config/default.yaml`, the file named by `BOTEL_CONFIG`, and the environment; the last wins.
 *
 * @returns all settings, checked and frozen
 * @throws {SettingsError} with every unknown key and bad value there is
 */
export function loadSettings(source: SettingsSource): Settings {
  const defaultsFile = new URL("../../config/default.yaml", import.meta.url);
  const layers: Layer[] = [{ from: "config/default.yaml", tree: readYaml(defaultsFile, "config/default.yaml") }];
  const own = source.env.BOTEL_CONFIG;
  if (own) layers.push({ from: own, tree: readYaml(resolve(source.cwd, own), own) });
  layers.push(environment(source));

  const tree = layers.reduce<unknown>((below, layer) => overlay(below, layer.tree), {});
  const result = settingsSchema.safeParse(tree);
  if (!result.success) {
    throw new SettingsError(
      result.error.issues.flatMap((issue) => problemLines(issue, tree, (path) => originOf(path, layers))),
    );
  }
  const dataDir = resolve(source.cwd, result.data.dataDir);
  const { tokenFile = join(dataDir, TOKEN_FILE), ...rest } = result.data.access;
  const access = { ...rest, tokenFile: resolve(source.cwd, tokenFile), environmentToken: environmentToken(source.env) };
  return deepFreeze({ ...result.data, dataDir, access });
}

/** Beside the facts, unless it is set otherwise. */
const TOKEN_FILE = "tokens.json";

/** What a header and a cookie can hold as it is. */
const SENDABLE = /^[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]{1,512}$/;

/** Only its hash is kept: settings go to other threads. */
function environmentToken({ BOTEL_TOKEN: token }: SettingsSource["env"]): string | undefined {
  if (token === undefined || token === "") return undefined;
  if (SENDABLE.test(token)) return sha256(token);
  throw new SettingsError([
    "BOTEL_TOKEN: takes up to 512 ASCII characters without spaces, quotes, commas, semicolons and backslashes",
  ]);
}

/**
 * Contract §6: asked to listen wider than on loopback without a token, botel refuses to start.
 *
 * @throws {SettingsError} also where the file of tokens is broken
 */
export function refuseOpenHost({ server, access }: Settings): void {
  const open = !hasTokens(access);
  if (!open || isLoopback(server.host)) return;
  throw new SettingsError([
    `server.host: "${server.host}" is reached from other machines, and there is no token: set BOTEL_TOKEN, make one by "botel token create NAME", or set BOTEL_HOST=127.0.0.1`,
  ]);
}

/** @throws {SettingsError} where the file of tokens is broken */
export function hasTokens({ environmentToken, tokenFile }: Settings["access"]): boolean {
  try {
    return readTokens(tokenFile).length > 0 || environmentToken !== undefined;
  } catch (error) {
    throw new SettingsError([`access.tokenFile: ${(error as Error).message}`]);
  }
}

interface Layer {
  from: string;
  tree: unknown;
  /** Variables that set a path. */
  names?: Record<string, string>;
}

const VARIABLES = [
  { name: "BOTEL_HOST", path: ["server", "host"], read: (text: string) => text },
  { name: "BOTEL_PORT", path: ["server", "port"], read: number },
  { name: "BOTEL_OTLP_PORT", path: ["server", "otlpPort"], read: number },
  { name: "BOTEL_RATE_LIMIT", path: ["rateLimit"], read: number },
  { name: "BOTEL_DATA_DIR", path: ["dataDir"], read: (text: string) => text },
  { name: "BOTEL_CLICKHOUSE_PASSWORD", path: ["store", "clickhouse", "password"], read: (text: string) => text },
  { name: "BOTEL_PSEUDONYM_KEY", path: ["privacy", "pseudonymKey"], read: (text: string) => text },
  { name: "BOTEL_TIME_ZONE", path: ["timeZone"], read: (text: string) => text },
  { name: "BOTEL_DEMO", path: ["demo", "enabled"], read: flag },
] as const;

function environment({ env, ownProcess }: SettingsSource): Layer {
  const names: Record<string, string> = {};
  let tree: unknown = {};
  for (const { name, path, read } of VARIABLES) {
    const from = name === "BOTEL_PORT" && env[name] === undefined && ownProcess ? "PORT" : name;
    const text = env[from];
    if (text === undefined || text === "") continue;
    names[path.join(".")] = from;
    tree = overlay(
      tree,
      path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), read(text)),
    );
  }
  return { from: "the environment", tree, names };
}

/** What is no number stays text, so that the schema refuses it and quotes it. */
function number(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function flag(text: string): unknown {
  return { 0: false, 1: true }[text] ?? text;
}

function readYaml(file: string | URL, shown: string): unknown {
  try {
    return parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    throw new SettingsError([`${shown}: ${(error as Error).message.split("\n")[0]}`]);
  }
}

/** Maps are merged, everything else is replaced. */
function overlay(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above === undefined ? below : above;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) merged[key] = overlay(below[key], value);
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Issue = { path: PropertyKey[]; message: string; code?: string; keys?: string[] };

function problemLines(issue: Issue, tree: unknown, origin: (path: readonly PropertyKey[]) => string): string[] {
  if (issue.code === "unrecognized_keys") {
    return (issue.keys ?? []).map((key) => {
      const path = [...issue.path, key];
      return `${path.join(".")} (${origin(path)}): there is no such setting; config/default.yaml lists all`;
    });
  }
  const value = quoted(issue.path, tree);
  return [`${issue.path.join(".") || "settings"} (${origin(issue.path)}): ${issue.message}${value}`];
}

/** A secret is never quoted. */
function quoted(path: readonly PropertyKey[], tree: unknown): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], tree);
  if (value === undefined || /key|token|password/i.test(String(path.at(-1)))) return "";
  return `; it is ${JSON.stringify(value).slice(0, 100)}`;
}

/** @returns where the value at `path` was set last. */
function originOf(path: readonly PropertyKey[], layers: readonly Layer[]): string {
  const setter = layers.findLast(({ tree }) => has(tree, path));
  return setter?.names?.[path.join(".")] ?? setter?.from ?? "not set";
}

function has(tree: unknown, path: readonly PropertyKey[]): boolean {
  let at = tree;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return true;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
