import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BotelError } from "../../src/contract/errors.ts";
import type { Batch } from "../../src/contract/fact.ts";
import type { FromStore } from "../../src/contract/thread.ts";
import { createClusterIntake } from "../../src/store/clickhouse/intake.ts";
import { openSpool, type Spool } from "../../src/store/sqlite/spool.ts";
import { until } from "../started/until.ts";
import { batch, log, message, NOW } from "../store/world.ts";

const folder = mkdtempSync(join(tmpdir(), "botel-spool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A cluster that takes a round when it is told to. */
function createSlow(spool?: Spool) {
  const rounds: { keys: string[]; end(error?: Error): void }[] = [];
  const answers: FromStore[] = [];
  const lines: string[] = [];
  const slow = { rounds, answers, lines, trouble: undefined as string | undefined };
  const intake = createClusterIntake({
    cluster: () => ({
      due: () => false,
      append: (batches: readonly Batch[]) =>
        new Promise((resolve, reject) => {
          const stored = { refused: batches.map(() => 0), reasons: [] };
          const end = (error?: Error): void => (error === undefined ? resolve(stored) : reject(error));
          rounds.push({ keys: batches.flatMap(({ facts }) => facts.map(({ key }) => key.slice(-1))), end });
        }),
    }),
    trouble: () => slow.trouble,
    spool,
    bounds: (nowMs) => ({ nowMs, keptFromMs: NOW - 1000, sealedUntilMs: 0 }),
    clock: { now: () => NOW, mono: () => performance.now() },
    answer: (answer) => answers.push(answer),
    written: () => {},
    report: (line) => lines.push(line),
  });
  let seq = 0;
  const take = (n: number): void => intake.take({ seq: (seq += 1), batch: batch(message({ span: n })), states: [] });
  return Object.assign(slow, { intake, take });
}

function untilRounds({ rounds }: { rounds: readonly unknown[] }, count: number): Promise<unknown> {
  return until(
    () => rounds.length,
    (length) => (length >= count ? undefined : `${length} rounds`),
    20_000,
  );
}

describe("rounds", () => {
  test("what comes while one is under way is in the next, also where nothing more comes", async () => {
    const slow = createSlow();
    slow.take(1);
    await untilRounds(slow, 1);
    slow.take(2);
    slow.take(3);
    expect(slow.answers).toEqual([]);
    slow.rounds[0]?.end();
    await untilRounds(slow, 2);
    expect(slow.rounds.map(({ keys }) => keys)).toEqual([["1"], ["2", "3"]]);
    expect(slow.answers).toEqual([{ type: "ack", seq: 1, refused: 0, reasons: [] }]);
    slow.rounds[1]?.end();
    await slow.intake.drain();
    expect(slow.answers.map((answer) => answer.type)).toEqual(["ack", "ack", "ack"]);
  });

  test("while a shard is away, who is in one and who waits are told to come again", async () => {
    const slow = createSlow();
    slow.take(1);
    await untilRounds(slow, 1);
    slow.trouble = "A server is away.";
    slow.take(2);
    await until(
      () => slow.answers,
      (answers) => (answers.length === 2 ? undefined : JSON.stringify(answers)),
      20_000,
    );
    expect(slow.answers).toMatchObject([
      { type: "later", seq: 1, why: "A server is away." },
      { type: "later", seq: 2, why: "A server is away." },
    ]);
    // The round itself goes on, and is not answered twice.
    slow.rounds[0]?.end();
    await slow.intake.drain();
    expect(slow.answers).toHaveLength(2);
  });

  test("one that can never be stored is dropped, and said so", async () => {
    const slow = createSlow();
    slow.take(1);
    await untilRounds(slow, 1);
    slow.rounds[0]?.end(new Error("no such column"));
    await slow.intake.drain();
    expect(slow.answers).toEqual([{ type: "ack", seq: 1, refused: 1 }]);
    expect(slow.lines).toEqual([expect.stringContaining("no such column")]);
  });
});

describe("the spool", () => {
  test("is acknowledged at once, sent on in order, and emptied by what was written", async () => {
    const spool = openSpool(join(folder, "one.db"), 1e9);
    const slow = createSlow(spool);
    for (const n of [1, 2, 3]) slow.take(n);
    await untilRounds(slow, 1);
    expect(slow.answers.map((answer) => answer.type)).toEqual(["ack", "ack", "ack"]);
    expect([slow.rounds[0]?.keys, spool.facts]).toEqual([["1", "2", "3"], 3]);
    slow.rounds[0]?.end(new BotelError("UNAVAILABLE", "away"));
    await untilRounds(slow, 2);
    expect(spool.facts).toBe(3);
    slow.rounds[1]?.end();
    await slow.intake.drain();
    expect(spool.facts).toBe(0);
    spool.close();
  });

  test("holds over an end what was not written", async () => {
    const file = join(folder, "two.db");
    const first = openSpool(file, 1e9);
    const slow = createSlow(first);
    slow.take(1);
    await untilRounds(slow, 1);
    first.close();
    const second = openSpool(file, 1e9);
    expect(second.facts).toBe(1);
    expect(second.next(10)?.parcels[0]?.batch).toEqual(batch(message({ span: 1 })));
    second.close();
  });

  test("refuses what the cluster would refuse, while its sender still listens", async () => {
    const spool = openSpool(join(folder, "three.db"), 1e9);
    const slow = createSlow(spool);
    slow.intake.take({ seq: 1, batch: batch(log({ n: 1, timeMs: NOW - 2000 }), log({ n: 2 })), states: [] });
    await untilRounds(slow, 1);
    expect(slow.answers).toEqual([{ type: "ack", seq: 1, refused: 1, reasons: ["too_old"] }]);
    expect(slow.rounds[0]?.keys).toHaveLength(1);
    slow.rounds[0]?.end();
    await slow.intake.drain();
    spool.close();
  });

  test("that is full takes nothing more", () => {
    const spool = openSpool(join(folder, "four.db"), 1);
    spool.add([{ batch: batch(message({ span: 1 })), states: [] }]);
    expect(() => spool.add([{ batch: batch(message({ span: 2 })), states: [] }])).toThrow(/spoolBytes/);
    expect(spool.facts).toBe(1);
    spool.close();
  });
});
