import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { message } from "../oracle/makers.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, startServe, temporary } from "../started/started.ts";
import { startSinkServer } from "../instrument/sink-server.ts";
import { until } from "../started/until.ts";
import { sendMessages, timesSaid, totalMessages, untilSaid } from "./faults.ts";

afterAll(cleanUp);

describe("two processes on one data folder", () => {
  test("the second one ends, and its one line says who has the folder; the first goes on", async () => {
    const dataDir = temporary();
    const first = await startServe({ dataDir });
    const refusal = await startServe({ dataDir }).then(
      () => "it started",
      (error: Error) => error.message,
    );
    const [line, ...more] = refusal.split("\n").filter((text) => text.startsWith("botel: "));
    expect(line).toContain(`The data folder ${dataDir} is used by another botel (process ${first.pid} on `);
    expect(line).toContain("stop that one, or set BOTEL_DATA_DIR to another folder");
    expect(more).toEqual([]);
    expect(refusal).toContain("the process ended: 1");
    expect(await sendMessages(first, 3)).toBe(200);
    expect(await totalMessages(first)).toBe(3);
  });

  test("a bot goes on without its observer, and gets it when the folder is free: nothing of its own is lost", async () => {
    const dataDir = temporary();
    const first = await startServe({ dataDir });
    const bot = await startBot({ dataDir, offAtFirst: true });
    await untilSaid(bot, /serves nothing, the bot goes on: The data folder .* is used by another botel/);
    await bot.feed([message({ user: "u" }), message({ user: "u" })]);
    await first.stop();
    await untilSaid(bot, /serves http:\S+ now/, 60_000);
    expect(timesSaid(bot, /is used by another botel/)).toBe(1);
    const url = /serves (http:\S+) now/.exec(bot.output())![1]!;
    await fed({ ...bot, url }, [message({ user: "u" })]);
    expect(await totalMessages({ ...bot, url })).toBe(3);
  });

  test(
    "what a bot sends elsewhere goes on, also to the port that botel would have listened on",
    { timeout: 60_000 },
    async () => {
      const dataDir = temporary();
      await startServe({ dataDir });
      const sink = await startSinkServer();
      const env = {
        BOTEL_OTLP_PORT: String(sink.port),
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        OTEL_BSP_SCHEDULE_DELAY: "50",
      };
      const bot = await startBot({ dataDir, env, offAtFirst: true });
      await bot.feed([message({ user: "u" })]);
      await until(
        () => sink.spans,
        (spans) => (spans.length > 0 ? undefined : "nothing came"),
        20_000,
      );
      await bot.stop();
      await sink.close();
    },
  );

  test("the lock dies with its process, also by SIGKILL; a spoilt lock file stops nobody", async () => {
    const dataDir = temporary();
    const first = await startServe({ dataDir });
    await sendMessages(first, 2);
    await first.kill();
    const second = await startServe({ dataDir });
    expect(await totalMessages(second)).toBe(2);
    await second.kill();
    writeFileSync(join(dataDir, "botel.lock"), randomBytes(5000));
    const third = await startServe({ dataDir });
    expect(await totalMessages(third)).toBe(2);
    await third.stop();
  });

  test("a reader beside it goes on: `botel verify`", async () => {
    const dataDir = temporary();
    const botel = await startServe({ dataDir });
    await sendMessages(botel, 5);
    const { status, stdout } = spawnSync(process.execPath, ["src/start.mjs", "verify"], {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
      env: { PATH: process.env["PATH"], BOTEL_DATA_DIR: dataDir, BOTEL_PORT: new URL(botel.url).port },
    });
    expect(stdout).toContain("all is equal");
    expect(status).toBe(0);
  });
});
