import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/commands.ts";
import { ask, data } from "../started/ask.ts";
import { until } from "../started/until.ts";
import { runBot } from "./installed.ts";
import { expectNumbers } from "./numbers.ts";
import { codeOf, writeBot } from "./readme.ts";
import { REGISTER, type World } from "./world.ts";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");

/** The most that the tarball may take, in bytes. */
const LEAN = 600_000;
const COMMENT = /\/\*.*?\*\/|\/\/ .*?$/gms;
/** A path of a source in code or in a declaration; comments may name one. */
const SOURCE = /["'`][^"'`\n]*\/[^"'`\n]*(?<!\.d)\.[mc]?tsx?["'`]/;

export function tarballCases(world: World): void {
  const packed = () => join(world.installed().folder, "node_modules/botel");
  const files = () =>
    readdirSync(packed(), { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(packed(), name)).isFile(),
    );

  describe("the tarball", () => {
    it("holds what is run, its page, its default settings, its types and its documents, and no more", () => {
      const top = new Set(files().map((name) => name.split("/")[0]!.replace(/^README.*/, "README.md")));
      expect(top).toEqual(new Set(["LICENSE", "README.md", "config", "dist", "docs", "package.json"]));
      expect(files()).toEqual(
        expect.arrayContaining(["config/default.yaml", "dist/web/built/index.html", "dist/start.mjs"]),
      );
      expect(
        files().filter((name) => name.endsWith(".d.ts") && /^dist\/(?:bot|demo|store|api|rollups)\//.test(name)),
      ).toEqual([]);
      expect(statSync(world.installed().tarball).size).toBeLessThan(LEAN);
    });

    it("names no source", () => {
      const naming = files()
        .filter((name) => /^dist\/.*(?:\.m?js|\.d\.ts)$/.test(name) && !name.startsWith("dist/web/"))
        .filter((name) => SOURCE.test(readFileSync(join(packed(), name), "utf8").replaceAll(COMMENT, "")));
      expect(naming).toEqual([]);
    });

    it.for([
      ["publint", ["--strict"]],
      ["attw", ["--profile", "esm-only"]],
    ] as const)("is well made, says %s", { timeout: 60_000 }, ([command, args]) => {
      const { status, stdout, stderr } = spawnSync(join(BIN, command), [world.installed().tarball, ...args], {
        encoding: "utf8",
      });
      expect(status, stdout + stderr).toBe(0);
    });

    it("has types that a strict project takes", { timeout: 60_000 }, () => {
      const options = ["--strict", "--target", "esnext", "--module", "nodenext", "--noEmit", "--types", "node"];
      const roots = ["--typeRoots", join(ROOT, "node_modules/@types")];
      const cwd = world.installed().folder;
      const { status, stdout } = spawnSync(join(BIN, "tsc"), [...options, ...roots, "types.ts"], {
        cwd,
        encoding: "utf8",
      });
      expect(status, stdout).toBe(0);
    });
  });

  describe("the command `botel`", () => {
    const botel = (...args: string[]) =>
      spawnSync(process.execPath, [join(packed(), "dist/start.mjs"), ...args], {
        encoding: "utf8",
        cwd: world.installed().folder,
      });

    it.for(["", ...COMMANDS.map(({ name }) => name)])("helps: botel %s --help", (name) => {
      const { status, stdout, stderr } = botel(...name.split(" ").filter(Boolean), "--help");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain(name === "" ? "botel serve" : `botel ${name}: `);
    });

    it.for([["nonsense"], ["serve", "--nonsense"], ["serve", "too", "much"]])(
      "refuses what it does not know: %o",
      (args) => {
        const { status, stdout, stderr } = botel(...args);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toMatch(/^botel: .*\n$/);
      },
    );
  });

  describe.for(["26", "24"])("on Node %s, out of the tarball,", (version) => {
    const node = () => world.installed().nodes.find(({ name }) => name === version)!.path;

    it("`botel serve` serves its page and its API", { timeout: 60_000 }, async () => {
      const args = [join(packed(), "dist/start.mjs"), "serve"];
      const served = await runBot({ cwd: world.installed().folder, node: node(), args });
      await until(
        () => ask(served.url, "/readyz"),
        ({ status }) => (status === 200 ? undefined : served.output()),
        20_000,
      );
      const page = await ask(served.url, "/");
      expect(page.headers.get("content-type")).toMatch("text/html");
      const [asset] = /\/assets\/[\w.-]+\.js/.exec(String(page.body))!;
      expect((await ask(served.url, asset)).status).toBe(200);
      expect(await data(served.url, "/api/system/status")).toMatchObject({ version: "0.1.0" });
      served.kill("SIGTERM");
      expect(await served.ended()).toBe(0);
    });

    it("the README's lines show who asked, and what for", { timeout: 60_000 }, async () => {
      writeBot(join(world.installed().folder, "plain/readme.mjs"), codeOf("README.md", "js"));
      const bot = await world.run("plain", [...REGISTER, "readme.mjs"], { node: node() });
      await bot.said();
      await expectNumbers(bot, { models: { "gpt-4o": { requests: 1, tokens: 12, errors: 0 } }, messages: 1 });
      const { users } = await data<{ users: object[] }>(bot.url, "/api/stats/users");
      expect(users).toMatchObject([{ userId: "42", messages: 1, tokens: 12 }]);
      expect(await data(bot.url, "/api/stats")).toMatchObject({ summary: { aiResponses: 1, activeGroups: 1 } });
      await bot.ended();
    });

    it("those of docs/node.md do without `register`", { timeout: 60_000 }, async () => {
      writeBot(join(world.installed().folder, "plain/node.mjs"), codeOf("docs/node.md", "js"));
      const bot = await world.run("plain", ["node.mjs"], { node: node() });
      await bot.said();
      await expectNumbers(bot, {
        models: { "gpt-4o": { requests: 1, tokens: 12, errors: 0 } },
        tools: { dice: 1 },
        messages: 1,
      });
      const { channels } = await data<{ channels: object[] }>(bot.url, "/api/stats/channels");
      expect(channels).toMatchObject([{ id: "openai-main", requests: 1 }]);
      await bot.ended();
    });
  });
}
