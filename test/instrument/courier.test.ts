import { describe, expect, it, vi } from "vitest";
import type { LogFact, MessageFact, ToolFact } from "../../src/contract/fact.ts";
import type { ToStore } from "../../src/contract/thread.ts";
import { createCourier } from "../../src/instrument/courier.ts";

type Parcel = Extract<ToStore, { type: "batch" }>;

function message(n: number): MessageFact {
  const spanId = n.toString(16).padStart(16, "0");
  const traceId = "a".repeat(32);
  const base = { traceId, spanId, key: traceId + spanId, timeMs: n, timeNs: 0 };
  return { kind: "message", ...base, durationNs: 0, failed: false, responses: 0 };
}

function tool(n: number): ToolFact {
  const { kind: _, responses: __, ...base } = message(n);
  return { ...base, kind: "tool", tool: "dice" };
}

function log(level: LogFact["level"]): LogFact {
  return { kind: "log", key: "b".repeat(40), timeMs: 1, timeNs: 0, level, message: "" };
}

function store(): { parcels: Parcel[]; post: (message: ToStore) => void } {
  const parcels: Parcel[] = [];
  return { parcels, post: (message) => void parcels.push(message as Parcel) };
}

describe("the courier", () => {
  it("sends a full batch at once, and the rest soon", async () => {
    const { parcels, post } = store();
    const courier = createCourier(20_000, () => {});
    courier.connect(post);
    for (let n = 0; n < 300; n += 1) courier.fact(message(n));
    expect(parcels.map((parcel) => parcel.batch.facts.length)).toEqual([256]);
    await vi.waitFor(() => expect(parcels.map((parcel) => parcel.batch.facts.length)).toEqual([256, 44]));
  });

  it("sends again to a store that was started anew what was not acknowledged, in order", () => {
    const first = store();
    const courier = createCourier(20_000, () => {});
    courier.connect(first.post);
    for (let n = 0; n < 600; n += 1) courier.fact(message(n));
    courier.receive({ type: "ack", seq: 1, refused: 0 });
    courier.disconnect();
    void courier.flush();
    const second = store();
    courier.connect(second.post);
    expect(second.parcels.map(({ seq, batch }) => [seq, batch.facts.length])).toEqual([
      [2, 256],
      [3, 88],
    ]);
  });

  it("holds no more links than half of its queue while the store is away", () => {
    const courier = createCourier(1000, () => {});
    const link = { traceId: "a".repeat(32), spanId: "b".repeat(16), agent: false };
    for (let n = 0; n < 2000; n += 1) courier.link(link);
    const { parcels, post } = store();
    courier.connect(post);
    courier.sendNow();
    expect(parcels.reduce((sum, { batch }) => sum + batch.links.length, 0)).toBe(500);
    expect(courier.health().droppedSpans).toBe(1500);
    for (const { seq } of parcels) courier.receive({ type: "ack", seq, refused: 0 });
    courier.link(link);
    expect(courier.sendNow()).toBe(parcels.length);
    expect(parcels.at(-1)?.batch.links).toHaveLength(1);
  });

  it("keeps a batch that the disk refuses, and sends it again later", async () => {
    const { parcels, post } = store();
    const courier = createCourier(20_000, () => {});
    courier.connect(post);
    courier.fact(message(1));
    const flushed = courier.flush();
    courier.receive({ type: "later", seq: 1, afterMs: 1, why: "disk full" });
    await vi.waitFor(() => expect(parcels.map(({ seq }) => seq)).toEqual([1, 1]));
    expect(courier.health().queued).toBe(1);
    courier.receive({ type: "ack", seq: 1, refused: 0 });
    await flushed;
    expect(courier.health().queued).toBe(0);
  });

  const NONE = { debug_log: 0, log: 0, tool: 0, request: 0, message: 0 };

  it("drops debug lines from half of its limit on, every fact at its limit, counts each kind, and says so once", () => {
    const lines: string[] = [];
    const courier = createCourier(1000, (line) => lines.push(line));
    for (let n = 0; n < 500; n += 1) courier.fact(message(n));
    courier.fact(log("debug"));
    expect(courier.health()).toMatchObject({ queued: 500, queueLimit: 1000, dropped: { ...NONE, debug_log: 1 } });
    for (let n = 0; n < 600; n += 1) courier.fact(message(n));
    courier.fact(log("info"));
    expect(courier.health()).toMatchObject({ queued: 1000, dropped: { ...NONE, debug_log: 1, log: 1, message: 100 } });
    expect(lines).toHaveLength(1);
  });

  it("gives up log lines, then tool calls that wait, before a message or a request", () => {
    const { parcels, post } = store();
    const courier = createCourier(1024, () => {});
    for (let n = 0; n < 256; n += 1) courier.fact(n % 2 === 0 ? log("debug") : log("info"));
    for (let n = 0; n < 256; n += 1) courier.fact(tool(n));
    for (let n = 0; n < 512; n += 1) courier.fact(message(n));
    for (let n = 512; n < 640; n += 1) courier.fact(message(n));
    expect(courier.health().dropped).toEqual({ ...NONE, debug_log: 128 });
    for (let n = 640; n < 768; n += 1) courier.fact(message(n));
    expect(courier.health().dropped).toEqual({ ...NONE, debug_log: 128, log: 128 });
    for (let n = 768; n < 1024; n += 1) courier.fact(message(n));
    expect(courier.health()).toMatchObject({ queued: 1024, dropped: { ...NONE, debug_log: 128, log: 128, tool: 256 } });
    for (let n = 1024; n < 1034; n += 1) courier.fact(message(n));
    courier.fact(tool(1));
    const dropped = { debug_log: 128, log: 128, tool: 257, request: 0, message: 10 };
    expect(courier.health()).toMatchObject({ queued: 1024, dropped });
    courier.connect(post);
    courier.sendNow();
    const facts = parcels.flatMap(({ batch }) => batch.facts);
    expect(facts.map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: 1024 }, (_, n) => n));
    for (const { seq } of parcels) courier.receive({ type: "ack", seq, refused: 0 });
    expect(courier.health().queued).toBe(0);
  });

  it("acknowledges a batch once, whatever comes twice or unknown", async () => {
    const { post } = store();
    const courier = createCourier(1000, () => {});
    courier.connect(post);
    courier.fact(message(1));
    const flushed = courier.flush();
    courier.receive({ type: "ack", seq: 9, refused: 0 });
    courier.receive({ type: "ack", seq: 1, refused: 0 });
    courier.receive({ type: "ack", seq: 1, refused: 0 });
    await flushed;
    expect(courier.health().queued).toBe(0);
  });

  it("brings state events, the newest where too many wait", async () => {
    const { parcels, post } = store();
    const courier = createCourier(1000, () => {});
    for (let n = 0; n < 1500; n += 1) {
      courier.state({ event: "bot.state", botId: String(n), connected: true, timeMs: n });
    }
    courier.connect(post);
    void courier.flush();
    expect(parcels[0]!.states).toHaveLength(1000);
    expect(parcels[0]!.states.at(-1)).toMatchObject({ botId: "1499" });
  });
});
