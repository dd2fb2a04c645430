import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { startPrometheus } from "../grafana/prometheus.ts";
import { ask } from "../started/ask.ts";
import { listen } from "../started/events.ts";
import { cleanUp, startBot, startServe, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";

/** Who may ask, as a stranger finds it: real processes, real tokens. */

afterAll(cleanUp);

const ROOT = join(import.meta.dirname, "../..");
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

/** `botel …` in a data folder. */
function botel(dataDir: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/start.mjs", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, BOTEL_CONFIG: "", BOTEL_PORT: "0", BOTEL_OTLP_PORT: "0", BOTEL_DATA_DIR: dataDir, ...env },
  });
  return { status, stdout, stderr };
}

function made(dataDir: string, name: string, ...options: string[]): string {
  const { status, stdout } = botel(dataDir, ["token", "create", name, ...options]);
  expect(status).toBe(0);
  return stdout.trim();
}

async function statusWith(url: string, token: string, path = "/api/stats"): Promise<number> {
  return (await ask(url, path, bearer(token))).status;
}

// contract §6: "several tokens, each with a name, scopes and an optional expiry, kept hashed"
describe("botel token", () => {
  test("makes, lists and revokes tokens; a running botel hears of it", { timeout: 120_000 }, async () => {
    const dataDir = temporary();
    const { url, stop } = await startServe({ dataDir });
    expect((await ask(url, "/api/stats")).status).toBe(200);

    const reader = made(dataDir, "grafana", "--expires", "90d");
    expect(reader).toMatch(/^botel_[A-Za-z0-9_-]{43}$/);
    const sender = made(dataDir, "bot", "--scope", "ingest,admin");
    await until(
      async () => [(await ask(url, "/api/stats")).status, await statusWith(url, reader), await statusWith(url, sender)],
      (statuses) => (statuses.join() === "401,200,403" ? undefined : statuses.join()),
      15_000,
    );

    const file = join(dataDir, "tokens.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { stdout } = botel(dataDir, ["token", "list"]);
    expect(stdout).toMatch(
      /^grafana {2}read; expires \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nbot {2}ingest, admin; does not expire\n$/,
    );
    for (const secret of [reader, sender]) expect(stdout + readFileSync(file, "utf8")).not.toContain(secret);

    expect(botel(dataDir, ["token", "revoke", "grafana"]).status).toBe(0);
    await until(
      () => statusWith(url, reader),
      (status) => (status === 401 ? undefined : `it is ${status}`),
      15_000,
    );
    await stop();
  });

  test("says what it takes", { timeout: 120_000 }, () => {
    const dataDir = temporary();
    made(dataDir, "taken");
    for (const [args, status] of [
      [["create"], 2],
      [["create", "a b"], 2],
      [["create", "taken"], 2],
      [["create", "a", "--scope", "write"], 2],
      [["create", "a", "--expires", "soon"], 2],
      [["create", "a", "--expires", "2020-01-01"], 2],
      [["revoke", "none"], 1],
      [["drop", "taken"], 2],
    ] as const) {
      const said = botel(dataDir, ["token", ...args]);
      expect([args, said.status, said.stdout]).toEqual([args, status, ""]);
      expect(said.stderr).toMatch(/^botel: [^\n]+\n$/);
    }
  });
});

// contract §6: "No token configured: botel listens on loopback only and says so"; "asked to listen wider without a
// token, it refuses to start."
describe("a wider address than loopback", () => {
  test("without a token: botel's own commands stop with one line", () => {
    const { status, stderr } = botel(temporary(), ["serve"], { BOTEL_HOST: "0.0.0.0", BOTEL_TOKEN: "" });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^botel: server\.host: "0\.0\.0\.0" is reached from other machines[^\n]*BOTEL_TOKEN[^\n]*\n$/,
    );
  });

  test("without a token, in a bot: botel is off with one warning, and the bot goes on", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", BOT], {
      cwd: ROOT,
      env: {
        ...process.env,
        BOTEL_HOST: "0.0.0.0",
        BOTEL_PORT: "0",
        BOTEL_OTLP_PORT: "0",
        BOTEL_DATA_DIR: temporary(),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(out).toBe("url: undefined\n");
    expect(err).toMatch(/^botel: is off, the bot goes on without it: server\.host: [^\n]*\n$/);
  });

  test("with one: botel serves, and says that a token is needed", async () => {
    const env = { BOTEL_HOST: "0.0.0.0", BOTEL_TOKEN: "botel_of-the-environment" };
    const { url, output, stop } = await startServe({ dataDir: temporary(), env });
    const here = url.replace("0.0.0.0", "127.0.0.1");
    expect((await ask(here, "/api/stats")).status).toBe(401);
    for (const path of ["/api/stats", "/metrics"]) expect(await statusWith(here, env.BOTEL_TOKEN, path)).toBe(200);
    expect(output()).toMatch(/needs a token/);
    // contract §6: "`BOTEL_TOKEN` has all three."
    const { headers } = bearer(env.BOTEL_TOKEN);
    const otlp = { method: "POST", body: "{}", headers: { ...headers, "Content-Type": "application/json" } };
    expect((await ask(here, "/v1/logs", otlp)).status).toBe(200);
    const forgotten = await ask(here, "/api/users/nobody", { method: "DELETE", headers });
    expect(forgotten.status).toBe(200);
    await stop();
  });

  test("loopback without a token: it says that only this machine is answered", async () => {
    const { output, stop } = await startServe({ dataDir: temporary() });
    expect(output()).toMatch(/Only this machine is answered, since there is no token/);
    await stop();
  });
});

const BOT = `
const { start } = await import("./src/index.ts");
const botel = start();
console.log("url: " + await botel.ready);
await botel.stop();
`;

const MARKS = ["environment", "file", "wrong", "url"].map((name) => `botel_marker-${name}-0123456789abcdef`);
const [OWN = "", , WRONG = "", IN_URL = ""] = MARKS;

test("a token is in no log, no answer, no metric and no file", { timeout: 120_000 }, async () => {
  const dataDir = temporary();
  const ofFile = made(dataDir, "reader");
  const { url, output, stop } = await startServe({ dataDir, env: { BOTEL_TOKEN: OWN } });
  const secrets = [OWN, ofFile, WRONG, IN_URL];
  const heard: string[] = [];
  for (const token of secrets) {
    const ways: Record<string, string>[] = [
      { Authorization: `Bearer ${token}` },
      { "X-API-Key": token },
      { Cookie: `auth_token=${token}` },
    ];
    for (const headers of ways) {
      for (const path of [
        "/api/stats?limit=x",
        `/api/logs?level=x&token=${IN_URL}`,
        "/api/nothing",
        "/metrics",
        "/api/session",
      ]) {
        heard.push(JSON.stringify(await ask(url, path, { headers })));
      }
      const otlp = { ...headers, "Content-Type": "application/json" };
      heard.push(JSON.stringify(await ask(url, "/v1/traces", { method: "POST", body: `{${token}`, headers: otlp })));
    }
    for (const body of [`{"token":"${token}"`, JSON.stringify({ token, more: token })]) {
      const init = { method: "POST", body, headers: { "Content-Type": "application/json" } };
      heard.push(JSON.stringify(await ask(url, "/api/session", init)));
    }
  }
  const stream = await listen(url, "?types=status").catch((error: unknown) => String(error));
  heard.push(JSON.stringify(stream));
  await stop();
  const files = readdirSync(dataDir, { recursive: true, encoding: "utf8" }).map((name) => join(dataDir, name));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) if (statSync(file).isFile()) heard.push(readFileSync(file, "latin1"));
  heard.push(output());
  for (const secret of secrets) expect(heard.filter((piece) => piece.includes(secret))).toEqual([]);
});

describe("what comes with botel has its token, too", () => {
  const token = "botel_of-the-environment";

  test(
    "Prometheus scrapes with `authorization`, as config/prometheus-token.yml has it",
    { timeout: 60_000 },
    async () => {
      const { url, stop } = await startServe({ dataDir: temporary(), env: { BOTEL_TOKEN: token } });
      const up = async (given: string | undefined, wanted: string) => {
        const prometheus = await startPrometheus(new URL(url).host, given);
        try {
          await until(
            () => prometheus.instant("up"),
            ([sample]) => (sample?.values[0]?.[1] === wanted ? undefined : `up is ${sample?.values[0]?.[1]}`),
            30_000,
          );
          if (wanted === "1") expect((await prometheus.instant("botel_build_info")).length).toBe(1);
        } finally {
          await prometheus.stop();
        }
      };
      await up(token, "1");
      await up(undefined, "0");
      await stop();
    },
  );

  test("OpenTelemetry's exporters send it by OTEL_EXPORTER_OTLP_HEADERS", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const sender = made(dataDir, "bot", "--scope", "ingest");
    const receiver = await startServe({ dataDir, env: { BOTEL_TOKEN: token } });
    const env = {
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${sender}`,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
    const bot = await startBot({ dataDir: temporary(), env });
    const { message } = await import("../oracle/makers.ts");
    await bot.feed([message({ user: "1", responses: 1 })]);
    await until(
      async () =>
        (await ask(receiver.url, "/api/stats", bearer(token))).body as { data: { summary: { totalMessages: number } } },
      ({ data }) => (data.summary.totalMessages === 1 ? undefined : JSON.stringify(data)),
      20_000,
    );
    await bot.stop();
    await receiver.stop();
  });

  test("botel verify asks with BOTEL_TOKEN, and says so where it has none", { timeout: 60_000 }, async () => {
    const dataDir = temporary();
    const { url, stop } = await startServe({ dataDir, env: { BOTEL_TOKEN: token } });
    const { port } = new URL(url);
    const without = botel(dataDir, ["verify"], { BOTEL_PORT: port, BOTEL_TOKEN: "" });
    expect(without.status).toBe(1);
    expect(without.stderr).toContain("set BOTEL_TOKEN to a token with the scope read");
    const verified = botel(dataDir, ["verify"], { BOTEL_PORT: port, BOTEL_TOKEN: token });
    expect(verified.stdout).toContain("all is equal");
    expect(verified.status).toBe(0);
    await stop();
  });
});
