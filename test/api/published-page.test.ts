import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { success } from "../../src/contract/wire/envelope.ts";
import { statsData } from "../../src/contract/wire/stats.ts";
import { statusData } from "../../src/contract/wire/system.ts";
import { log, message, request, tool } from "./facts.ts";
import { documented, shell, snippets } from "./page.ts";
import { startWhole, type Whole } from "./whole.ts";

/** A botel that has something to show at every endpoint. */
async function startBusy(): Promise<Whole> {
  const whole = await startWhole();
  const at = whole.clock.ms;
  const owner = { userId: "111222333", userName: "活跃用户", groupId: "42", groupName: "群" };
  const from = { timeMs: at, service: "bot", version: "1.5.0" };
  whole.take(
    [
      message(at, { ...owner, responses: 1 }),
      request(at, owner),
      request(at, { ...owner, failed: true, errorType: "429", errorMessage: "API rate limit exceeded", stack: "at x" }),
      tool(at, { ...owner, args: '{"city":"北京"}', result: '{"temp":15}' }),
      log(at, { userId: "123", model: "gpt-4o" }),
    ],
    [
      { event: "bot.state", ...from, botId: "10001", platform: "onebot", connected: true },
      {
        event: "bot.channel.state",
        ...from,
        channelId: "openai-main",
        adapter: "openai",
        status: "active",
        models: [],
      },
      { event: "bot.inventory", ...from, features: ["mcp"], adapters: ["openai"], mcpServers: 3, tools: 65 },
    ],
  );
  whole.tick();
  return whole;
}

describe("contract: Field names, nesting, types and units of the documented shapes are fixed.", () => {
  test.each(documented.filter(({ example }) => example))("$path answers in the shape of its example", async (of) => {
    const { get } = await startBusy();
    const answer: unknown = await (await get(of.path)).json();
    expect(differences(answer, of.example, of.path)).toEqual([]);
  });

  test("each path of the page is there", async () => {
    const { get } = await startBusy();
    expect(documented).toHaveLength(13);
    for (const { path } of documented) expect((await get(path, { method: "HEAD" })).status).toBe(200);
  });

  test("the comparison sees what is missing and what has another type", () => {
    expect(differences({ a: [{ b: "1" }] }, { a: [{ b: 1, c: true }] }, "x")).toEqual([
      "x.a[0].b: string, not number",
      "x.a[0].c: undefined, not boolean",
    ]);
    expect(differences({ a: [] }, { a: [1] }, "x")).toEqual(["x.a is empty"]);
  });
});

/** Where `answer` lacks a field of `example`, or has it with another type. Fields beside those are allowed. */
function differences(answer: unknown, example: unknown, at: string): string[] {
  if (Array.isArray(example)) {
    if (!Array.isArray(answer)) return [`${at} is no list`];
    return answer.length === 0 ? [`${at} is empty`] : differences(answer[0], example[0], `${at}[0]`);
  }
  if (typeof example !== "object" || example === null || typeof answer !== "object" || answer === null) {
    return typeof answer === typeof example ? [] : [`${at}: ${typeof answer}, not ${typeof example}`];
  }
  return Object.entries(example).flatMap(([name, value]) =>
    differences((answer as Record<string, unknown>)[name], value, `${at}.${name}`),
  );
}

describe("the page's own lines", () => {
  test("the curl lines run as they stand", async () => {
    const { port } = await startBusy();
    // The page names localhost:3000; only where that leads is ours.
    const home = folder({ ".curlrc": `silent\nconnect-to = "localhost:3000:127.0.0.1:${port}"\n` });
    const env = { ...process.env, CURL_HOME: home, TOKEN: "secret" };
    const { stdout } = await promisify(execFile)("bash", ["-euc", shell[0] ?? ""], { env });
    const [status, stats] = stdout.split(/(?<=\})(?=\{"success")/).map((text) => JSON.parse(text) as unknown);
    expect(success(statusData).parse(status).data.version).toBe("1.2.3");
    const { daily, summary } = success(statsData).parse(stats).data;
    expect(daily).toHaveLength(7);
    expect(summary.totalMessages).toBe(1);
  });

  // contract §5: "Both published snippets work as they stand: `addEventListener('status' | 'metric', …)` and `onmessage`."
  test("the snippet with `addEventListener` runs as it stands", async () => {
    const whole = await startBusy();
    const printed = run(whole, snippets[0] ?? "");
    await vi.waitFor(() => expect(printed.join("\n")).toMatch(/系统状态更新: .*status: 'running'/s));
    whole.take([message(whole.clock.ms)]);
    whole.tick();
    await vi.waitFor(() => expect(printed.join("\n")).toMatch(/指标更新: .*messages: 1/s));
  });

  test("the snippet with `onmessage` runs as it stands", async () => {
    const whole = await startBusy();
    const printed = run(whole, `${snippets[1]}\nconsole.log('Both:', status.data.version, stats.data.daily.length)`);
    await vi.waitFor(() => expect(printed).toContain("Both: 1.2.3 7"));
    await vi.waitFor(() => expect(printed.join("\n")).toMatch(/Event: .*type: 'status'/s));
    whole.take([message(whole.clock.ms)]);
    whole.tick();
    await vi.waitFor(() => expect(printed.join("\n")).toMatch(/type: 'metric'.*messages: 1/s));
  });
});

/** What a page at the API's own origin gives its scripts: addresses relative to it. */
const browser = (origin: string) => `
const { EventSource, fetch } = globalThis
globalThis.fetch = (path, init) => fetch(new URL(path, '${origin}'), init)
globalThis.EventSource = class extends EventSource {
  constructor(path, init) { super(new URL(path, '${origin}'), init) }
}
`;

/** @returns the lines that the snippet prints, as they come */
function run({ url }: Whole, snippet: string): string[] {
  const files = folder({ "browser.mjs": browser(url), "snippet.mjs": snippet });
  const child = spawn(process.execPath, [
    "--experimental-eventsource",
    "--import",
    join(files, "browser.mjs"),
    join(files, "snippet.mjs"),
  ]);
  onTestFinished(() => void child.kill());
  const printed: string[] = [];
  createInterface(child.stdout).on("line", (line) => printed.push(line));
  createInterface(child.stderr).on("line", (line) => printed.push(`stderr: ${line}`));
  return printed;
}

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), "botel-page-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
