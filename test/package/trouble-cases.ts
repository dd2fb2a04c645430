import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startServe } from "../started/started.ts";
import { until } from "../started/until.ts";
import { expectNumbers, numbers, type Numbers } from "./numbers.ts";
import { REGISTER, type World } from "./world.ts";

/** What is stored, when the bot is gone. */
async function stored(dataDir: string): Promise<Numbers> {
  const { url } = await startServe({ dataDir, zone: "UTC" });
  return numbers(url);
}

export function troubleCases({ run, installed }: World): void {
  describe.for(["register", "start()"])("a bot in trouble, with %s", (way) => {
    const asks = (what: string) =>
      way === "register" ? [...REGISTER, "trouble.mjs", what] : ["trouble.mjs", what, "start"];

    it("that throws ends as it would, and what it did is stored", { timeout: 60_000 }, async () => {
      const bot = await run("plain", asks("throws"));
      expect(await bot.ended()).toBe(1);
      expect(bot.output()).toContain("the bot's own trouble");
      const { tools, lines } = await stored(bot.dataDir);
      expect(tools).toEqual({ dice: 1 });
      expect(lines).toEqual(way === "register" ? ["the bot's own trouble"] : []);
    });

    it("that floods loses none of 10,000 calls in one turn of its loop", { timeout: 60_000 }, async () => {
      const bot = await run("plain", asks("floods"));
      await bot.said();
      await expectNumbers(bot, { tools: { flood: 10_000 } });
      await bot.ended();
    });

    it("that ends at once keeps what it did", { timeout: 60_000 }, async () => {
      const bot = await run("plain", asks("endsAtOnce"));
      expect(await bot.ended()).toBe(7);
      expect(await stored(bot.dataDir)).toMatchObject({ tools: { dice: 1 }, messages: 1 });
    });

    it("that has nothing more to do ends by itself", { timeout: 60_000 }, async () => {
      const bot = await run("plain", asks("endsByItself"));
      expect(await bot.ended()).toBe(0);
      expect(await stored(bot.dataDir)).toMatchObject({ tools: { dice: 1 }, messages: 1 });
    });

    it("whose settings of botel are wrong goes on, with one warning", { timeout: 60_000 }, async () => {
      const bot = await run("plain", asks("goesOn"), { env: { BOTEL_PORT: "http" } });
      await bot.said();
      expect(await bot.ended()).toBe(0);
      expect(bot.output().match(/^botel: .*/gm)).toEqual([expect.stringMatching(/goes on without it: .*BOTEL_PORT/)]);
    });

    it("whose port is taken goes on, with one warning", { timeout: 60_000 }, async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await until(
        () => other.listening,
        (is) => (is ? undefined : "it does not listen"),
        5000,
      );
      const { port } = other.address() as AddressInfo;
      const bot = await run("plain", asks("goesOn"), { env: { BOTEL_PORT: String(port) } });
      await bot.said();
      await until(bot.output, (text) => (text.includes(String(port)) ? undefined : text), 20_000);
      expect(await bot.ended()).toBe(0);
      expect(bot.output().match(/^botel: .*/gm)).toHaveLength(1);
      await other[Symbol.asyncDispose]();
    });

    it("whose data folder cannot be one goes on, with a warning that says why", { timeout: 60_000 }, async () => {
      const file = join(installed().folder, "no-folder");
      writeFileSync(file, "");
      const bot = await run("plain", asks("goesOn"), { env: { BOTEL_DATA_DIR: file } });
      await bot.said();
      await until(bot.output, (text) => (text.includes("no-folder") ? undefined : text), 20_000);
      expect(await bot.ended()).toBe(0);
    });
  });
}
