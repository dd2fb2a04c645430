import { connect, type Socket } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { ask, data } from "../started/ask.ts";
import { freePort } from "../started/port.ts";
import { cleanUp, startBot, startServe, temporary, type Started } from "../started/started.ts";
import { until } from "../started/until.ts";
import { sendMessages, statusesOfReads, timesSaid, untilMessages } from "./faults.ts";

afterAll(cleanUp);

/** Connections that stay open, each with a stream of events if botel has room for it. @returns a handle to end all */
function crowd({ url }: Started, size: number): { closed(): number; end(): void } {
  let closed = 0;
  const port = Number(new URL(url).port);
  const sockets = Array.from({ length: size }, (): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {}).on("close", () => (closed += 1));
    socket.write("GET /api/system/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.resume();
    return socket;
  });
  return {
    closed: () => closed,
    end() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe("a low limit of open files", () => {
  test(
    "a crowd of clients takes none of the files that the store needs: some are closed, one line says so, facts are stored, and all is well when they are gone",
    { timeout: 90_000 },
    async () => {
      const dataDir = temporary();
      const botel = await startServe({ dataDir, through: ["prlimit", "--nofile=80:80"] });
      expect(await sendMessages(botel, 10)).toBe(200);
      const clients = crowd(botel, 200);
      await until(clients.closed, (count) => (count > 100 ? undefined : `${count} closed`), 20_000);
      expect(timesSaid(botel, /connections are open, and more are closed at once: .*ulimit -n/)).toBe(1);
      clients.end();
      await until(
        () => sendMessages(botel, 10),
        (status) => (status === 200 ? undefined : `answered ${status}`),
        20_000,
      );
      await untilMessages(botel, 20);
      expect(await statusesOfReads(botel)).not.toContain(500);
      expect((await ask(botel.url, "/api/system/health")).status).toBe(200);
      await botel.stop();
    },
  );
});

describe("a worker that needs more memory than it may have", () => {
  test.for(["store", "observer"] as const)(
    "the %s: it ends alone, is started again, and nothing is lost",
    { timeout: 120_000 },
    async (thread) => {
      const env = { BOTEL_TEST_CRASH: "1", BOTEL_PORT: String(await freePort()) };
      const bot = await startBot({ dataDir: temporary(), env });
      await bot.order({ type: "stream", from: 0, everyMs: 5 });
      await bot.order({ type: "crash", thread, of: "memory" });
      const restarted = `botel_worker_restarts_total{worker="${thread}"} 1\n`;
      await until(
        () => ask(bot.url, "/metrics"),
        ({ body }) =>
          String(body).includes(restarted) ? undefined : `${restarted} is not in /metrics\n${bot.output()}`,
        60_000,
      );
      await bot.order({ type: "hush" });
      const made = bot.made.at(-1)!.number;
      await until(
        () => data<{ summary: { toolCalls: number } }>(bot.url, "/api/stats"),
        ({ summary }) => (summary.toolCalls === made ? undefined : `${summary.toolCalls} of ${made}`),
        30_000,
      );
      expect(bot.output()).toMatch(new RegExp(`the ${thread}'s thread failed: .*memory`));
    },
  );
});
