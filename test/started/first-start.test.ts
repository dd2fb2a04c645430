import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, startBot, startServe, temporary } from "./started.ts";

afterAll(cleanUp);

async function takenPort(): Promise<{ port: string; free(): void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: String((server.address() as AddressInfo).port), free: () => void server.close() };
}

describe("a start that cannot succeed", () => {
  test("a data folder that cannot be made: the command ends, and a line says why", { timeout: 60_000 }, async () => {
    const file = join(temporary(), "file");
    writeFileSync(file, "");
    await expect(startServe({ dataDir: join(file, "data") })).rejects.toThrow(
      /cannot be made \(ENOTDIR\): make it, or set BOTEL_DATA_DIR/,
    );
  });

  // contract §7: "a taken main port an error (a warning in a bot)"
  test(
    "a taken main port: an error of the command, a warning in a bot, which goes on",
    { timeout: 60_000 },
    async () => {
      const { port, free } = await takenPort();
      const sentence = new RegExp(`port ${port} is taken: stop what listens there, or set BOTEL_PORT`);
      await expect(startServe({ dataDir: temporary(), env: { BOTEL_PORT: port } })).rejects.toThrow(sentence);
      await expect(startBot({ dataDir: temporary(), env: { BOTEL_PORT: port } })).rejects.toThrow(sentence);
      free();
    },
  );

  test("wrong settings: every one is named, and the command ends", { timeout: 60_000 }, async () => {
    const env = { BOTEL_PORT: "http", BOTEL_TIME_ZONE: "Mars/Olympus" };
    await expect(startServe({ dataDir: temporary(), env })).rejects.toThrow(
      /BOTEL_PORT[^]*BOTEL_TIME_ZONE|BOTEL_TIME_ZONE[^]*BOTEL_PORT/,
    );
  });
});
