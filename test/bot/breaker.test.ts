import { describe, expect, test } from "vitest";
import type { Channels } from "../../src/bot/channels.ts";
import { ASK, attempts, startChain, status } from "./chain.ts";
import { only, until } from "./world.ts";

describe("the breaker of a channel", () => {
  test("opens after failures in a row, is announced, and the channel is left alone", async () => {
    const { channels, recorder } = await startChain({
      faults: ({ id }) => (id === "openai-main" ? status(503) : undefined),
      pace: { breakerOpen: 60_000 },
    });
    await channels.complete(ASK); // two failures
    await channels.complete(ASK); // the third opens it
    await channels.complete(ASK);
    await channels.complete(ASK);
    expect(attempts(recorder).filter((attempt) => attempt.startsWith("openai-main"))).toHaveLength(3);
    const own = recorder.channels.filter(({ id }) => id === "openai-main");
    expect(own.map(({ status, breaker, errorType }) => [status, breaker, errorType])).toEqual([
      ["active", "closed", undefined],
      ["error", "open", "503"],
    ]);
  });

  test("that opens before the second attempt leaves the first one to tell of", async () => {
    const { channels, recorder } = await startChain({
      faults: ({ id }) => (id === "openai-main" ? status(503) : undefined),
      pace: { breakerFailures: 1, breakerOpen: 60_000 },
    });
    expect((await channels.complete(ASK)).channel).toBe("deepseek-backup");
    expect(attempts(recorder)).toEqual(["openai-main 503", "deepseek-backup"]);
    expect(recorder.logs).toMatchObject([{ level: "warn", attributes: { "error.type": "503" } }]);
  });

  test("half opens after its time; a success closes it, and that is announced", async () => {
    let broken = true;
    const { channels, recorder } = await startChain({
      faults: ({ id }) => (broken && id === "openai-main" ? status(503) : undefined),
    });
    await channels.complete(ASK);
    await channels.complete(ASK);
    broken = false;
    await answeredBy(channels, "openai-main");
    const own = recorder.channels.filter(({ id }) => id === "openai-main");
    expect(own.map(({ status, breaker }) => `${status} ${breaker}`)).toEqual([
      "active closed",
      "error open",
      "error half_open",
      "active closed",
    ]);
    expect((await channels.complete(ASK)).channel).toBe("openai-main");
  });

  test("half opens for one attempt only; a failure opens it again", async () => {
    const { channels, recorder } = await startChain({
      faults: ({ id }) => (id === "openai-main" ? status(503) : undefined),
    });
    const failures = () => recorder.requests.filter(({ failed }) => failed).length;
    await channels.complete(ASK);
    await channels.complete(ASK);
    expect(failures()).toBe(3);
    await until(() => {
      void channels.complete(ASK).catch(() => {});
      return failures() > 3;
    });
    const own = recorder.channels.filter(({ id }) => id === "openai-main");
    expect(own.slice(0, 3).map(({ status }) => status)).toEqual(["active", "error", "error"]);
  });

  test("others do not wait for the one that tries a half-open channel", async () => {
    let hanging = 0;
    let broken = true;
    const { channels, stop } = await startChain({
      channels: only("openai-main", "local-qwen"),
      faults({ id }) {
        if (id !== "openai-main") return undefined;
        if (broken) return status(503);
        hanging += 1;
        return { kind: "hangs" };
      },
    });
    await channels.complete(ASK);
    await channels.complete(ASK);
    broken = false;
    const tries: Promise<unknown>[] = [];
    await until(() => {
      if (hanging === 0) tries.push(channels.complete(ASK).catch(() => {}));
      return hanging === 1;
    });
    for (let n = 0; n < 3; n += 1) expect((await channels.complete(ASK)).channel).toBe("local-qwen");
    expect(hanging).toBe(1);
    stop.abort();
    await Promise.all(tries);
  });

  test("does not count what was wrong with the question", async () => {
    const { channels, recorder } = await startChain({
      faults: ({ id }) => (id === "openai-main" ? status(400) : undefined),
    });
    for (let n = 0; n < 5; n += 1) await channels.complete(ASK);
    expect(attempts(recorder).filter((attempt) => attempt === "openai-main 400")).toHaveLength(5);
    expect(recorder.channels.map(({ status }) => status)).not.toContain("error");
  });
});

async function answeredBy(channels: Channels, id: string): Promise<void> {
  let last: string | undefined;
  await until(() => {
    void channels.complete(ASK).then(({ channel }) => (last = channel));
    return last === id;
  });
}
