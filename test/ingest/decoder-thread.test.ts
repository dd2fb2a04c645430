import { sample } from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { OtlpRequest, OtlpSignal } from "../../src/contract/thread.ts";
import { createDecoding } from "../../src/decoding.ts";
import { createDecoderThread, type DecoderThread } from "../../src/ingest/decoder-thread.ts";
import type { Decode } from "../../src/ingest/decode.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { threadOptions } from "../../src/lib/thread-options.ts";
import { loadSettings } from "../../src/config/load.ts";
import { cleanUp, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { asJson, logRequest, metricRequest, traceRequest } from "./messages.ts";
import { encode } from "./reference.ts";

const SETTINGS = loadSettings({ env: {}, cwd: "/", ownProcess: true });
const FILE = new URL("../../src/decoder.worker.ts", import.meta.url);
const open: DecoderThread[] = [];
afterEach(() => {
  for (const thread of open.splice(0)) thread.stop();
});
afterAll(cleanUp);

function opened({ file = FILE, busyMs = 50 } = {}) {
  const done = new Map<number, ReturnType<Decode>>();
  const reported: string[] = [];
  const thread = createDecoderThread({
    file,
    options: threadOptions(SETTINGS, { maxHeapMb: 128, maxYoungMb: 4 }, {}),
    done: (id, decoded) => done.set(id, decoded),
    clock: systemClock.mono,
    report: (line) => reported.push(line),
    busyMs,
  });
  open.push(thread);
  return { thread, done, reported };
}

let lastId = 0;

function request(signal: OtlpSignal, json: boolean, body: Uint8Array): OtlpRequest {
  lastId += 1;
  return { type: "otlp", id: lastId, signal, json, body: new Uint8Array(body).buffer };
}

const nothing = (): OtlpRequest => request("traces", true, Buffer.from("{}"));

/** Gives it requests until it takes one. @returns that one's id */
async function taken(thread: DecoderThread): Promise<number> {
  await until(
    () => thread.take(nothing()),
    (took) => (took ? undefined : "the thread is not there"),
    30_000,
  );
  return lastId;
}

/** As facts are when they come over: the store has not decided about them. */
function undecided(decoded: ReturnType<Decode>): ReturnType<Decode> {
  if ("outcome" in decoded) return decoded;
  const facts = decoded.batch.facts.map((fact) => ({ ...fact, row: 0, counted: true, errorItem: false }));
  return { ...decoded, batch: { ...decoded.batch, facts } };
}

describe("a thread that decodes", () => {
  test("is started when decoding takes much of a second, and not before", async () => {
    const { thread, done } = opened();
    expect(thread.take(nothing())).toBe(false);
    thread.spent(40);
    expect(thread.take(nothing())).toBe(false);
    thread.spent(20);
    const id = await taken(thread);
    await until(
      () => done.get(id),
      (decoded) => (decoded ? undefined : "nothing was decoded"),
      30_000,
    );
    thread.stop();
    expect(thread.take(nothing())).toBe(false);
  });

  test("says of every request what is said of it here", async () => {
    const { thread, done } = opened({ busyMs: 0 });
    thread.spent(1);
    await taken(thread);
    const here = createDecoding(SETTINGS);
    const bodies = [
      ["traces", "ExportTraceServiceRequest", traceRequest],
      ["logs", "ExportLogsServiceRequest", logRequest],
      ["metrics", "ExportMetricsServiceRequest", metricRequest],
    ] as const;
    const expected = new Map<number, ReturnType<Decode>>();
    for (const [signal, type, requests] of bodies) {
      for (const plain of sample(requests, { seed: 5, numRuns: 100 })) {
        const good = [request(signal, false, encode(type, plain)), request(signal, true, asJson(plain))];
        const broken = request(signal, false, encode(type, plain).subarray(0, -1));
        for (const one of [...good, broken]) {
          expected.set(one.id, here({ ...one, body: one.body.slice(0) }));
          expect(thread.take(one)).toBe(true);
        }
      }
    }
    await until(
      () => done.size,
      (size) => (size > expected.size ? undefined : `${size} are decoded`),
      30_000,
    );
    for (const [id, decoded] of expected) expect(done.get(id)).toEqual(undecided(decoded));
  });

  test("that fails: what it was given is answered 503, and the rest is decoded here again", async () => {
    const file = join(temporary(), "failing.mjs");
    writeFileSync(
      file,
      `import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => { throw new Error("broken") });
      parentPort.postMessage("ready");`,
    );
    const { thread, done, reported } = opened({ file: pathToFileURL(file), busyMs: 0 });
    thread.spent(1);
    const id = await taken(thread);
    const decoded = await until(
      () => done.get(id),
      (answer) => (answer ? undefined : "it was not answered"),
      30_000,
    );
    expect(decoded).toMatchObject({ outcome: { status: 503, retryAfterMs: 1000 } });
    expect(reported).toEqual(["the thread that reads OTLP failed: Error: broken"]);
    thread.spent(1000);
    expect(thread.take(nothing())).toBe(false);
  });
});
