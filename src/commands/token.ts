import { randomBytes } from "node:crypto";
import { readTokens, tokenName, writeTokens } from "../config/token-file.ts";
import { SCOPES, type Scope, type Token } from "../contract/access.ts";
import { writeSeconds } from "../contract/wire/time.ts";
import { systemClock as clock } from "../lib/clock.ts";
import { sha256 } from "../lib/digest.ts";
import { report } from "../lib/report.ts";
import type { Asked, Command } from "./command.ts";

const HELP = `  botel token create NAME [--scope read,ingest,admin] [--expires 90d]
  botel token list
  botel token revoke NAME

read    /api, live events and /metrics; the page signs in with it. Where no scope is named, it is this one.
ingest  OTLP, /v1/*
admin   erasing, and whatever else changes what is stored

--expires takes a number of days or hours (90d, 12h), or a time (2027-01-31, 2027-01-31T12:00:00Z). Without it a token is good
until it is revoked. A token is shown once, by create, on the standard output; only its hash is kept, in the file of the setting
access.tokenFile. A running botel hears of a change within a second.
Exit codes: 0, 1 what failed, 2 what was asked wrongly.`;

export const token: Command = {
  name: "token",
  summary: "makes, lists and revokes the tokens by which others may ask and send",
  help: HELP,
  options: { scope: { type: "string" }, expires: { type: "string" } },
  words: 2,
  run(asked) {
    const [action = "list", name, ...none] = asked.words;
    if (action === "list" && name === undefined) return Promise.resolve(list(asked));
    if (action === "create" && name !== undefined && none.length === 0) return Promise.resolve(create(asked, name));
    if (action === "revoke" && name !== undefined) return Promise.resolve(revoke(asked, name));
    return Promise.resolve(wrong("takes create NAME, list or revoke NAME"));
  },
};

function create({ settings, options, print }: Asked, name: string): number {
  const file = settings.access.tokenFile;
  const tokens = readTokens(file);
  const scopes = scopesOf(String(options["scope"] ?? "read"));
  const expiresMs = options["expires"] === undefined ? undefined : expiryOf(String(options["expires"]), clock.now());
  if (!tokenName.safeParse(name).success) return wrong(`NAME takes up to 64 letters, digits, dots and dashes`);
  if (tokens.some((token) => token.name === name)) return wrong(`there is a token ${name}; revoke it first`);
  if (scopes === undefined) return wrong(`--scope takes ${SCOPES.join(", ")}, with commas between them`);
  if (expiresMs !== undefined && !(expiresMs > clock.now()))
    return wrong("--expires takes 90d, 12h or a time to come, as 2027-01-31");
  const secret = `botel_${randomBytes(32).toString("base64url")}`;
  writeTokens(file, [...tokens, { name, scopes, sha256: sha256(secret), expiresMs }]);
  print(secret);
  report(`made the token ${name} (${described({ scopes, expiresMs })}); it is shown this once, ${file} has its hash`);
  return 0;
}

function list({ settings, print }: Asked): number {
  const tokens = readTokens(settings.access.tokenFile);
  if (settings.access.environmentToken !== undefined) print("BOTEL_TOKEN  read, ingest, admin (of the environment)");
  for (const token of tokens) print(`${token.name}  ${described(token)}`);
  if (tokens.length === 0) print(`no tokens in ${settings.access.tokenFile}`);
  return 0;
}

function revoke({ settings }: Asked, name: string): number {
  const file = settings.access.tokenFile;
  const tokens = readTokens(file);
  const left = tokens.filter((token) => token.name !== name);
  if (left.length === tokens.length) {
    report(`there is no token ${name} in ${file}`);
    return 1;
  }
  writeTokens(file, left);
  report(`revoked the token ${name}`);
  return 0;
}

function described({ scopes, expiresMs }: Pick<Token, "scopes" | "expiresMs">): string {
  if (expiresMs === undefined) return `${scopes.join(", ")}; does not expire`;
  const verb = expiresMs <= clock.now() ? "expired" : "expires";
  return `${scopes.join(", ")}; ${verb} ${writeSeconds(expiresMs)}`;
}

function scopesOf(text: string): Scope[] | undefined {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  return names.every((name): name is Scope => (SCOPES as readonly string[]).includes(name)) ? names : undefined;
}

const MS = { d: 86_400_000, h: 3_600_000 } as const;

/** @returns epoch ms; NaN where it is no time */
function expiryOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  if (count !== undefined) return now + Number(count) * MS[unit as keyof typeof MS];
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
}

function wrong(line: string): number {
  report(`token: ${line}; botel token --help`);
  return 2;
}
