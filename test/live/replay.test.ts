import { describe, expect, test } from "vitest";
import { logFact, taken } from "../system/made.ts";
import { read, started } from "./made.ts";
import type { Started } from "./made.ts";

/** Errors numbered from `from`; each makes one event of about `bytes` bytes. */
function publish(live: Started, from: number, to: number, bytes = 1000): void {
  for (let n = from; n <= to; n += 1) {
    live.changes(taken(logFact({ errorItem: true, message: `${n}`.padEnd(bytes / 2, ".") })));
  }
}

type Seen = ReturnType<ReturnType<typeof read>["events"]>;

/** Numbers of the errors, and `gap` or `status` for a status event. */
function told(events: Seen): (string | number)[] {
  return events.map(({ type, data }) => {
    if (type === "status") return data["gap"] === true ? "gap" : "status";
    return Number.parseInt(String(data["error"]), 10);
  });
}

describe("replay after `Last-Event-ID` (contract §5)", () => {
  test("goes on where the client was, and then with what is new", () => {
    const live = started();
    publish(live, 1, 5);
    const reader = read(live, { types: ["error"], lastEventId: "start1-3" });
    publish(live, 6, 6);
    expect(told(reader.events())).toEqual([4, 5, 6]);
  });

  test("replay begins with whole pairs.", () => {
    const live = started();
    publish(live, 1, 3);
    const messages = read(live, { types: ["error"], lastEventId: "start1-1" }).messages();
    expect(messages.map(({ event, id }) => [event, id])).toEqual([
      ["error", "start1-2"],
      [undefined, "start1-2"],
      ["error", "start1-3"],
      [undefined, "start1-3"],
    ]);
  });

  // issue 8: "erases one user on a running botel"
  test("once somebody is forgotten, nothing that was before is told again; who reads loses nothing, and goes on", () => {
    const live = started();
    const reader = read(live, { types: ["error"] });
    const slow = read(live, { types: ["error"], slow: true });
    publish(live, 1, 3);
    live.forget();
    expect(told(reader.events())).toEqual([1, 2, 3]);
    const back = read(live, { types: ["error"], lastEventId: "start1-1" });
    publish(live, 4, 4);
    live.second();
    slow.slow = false;
    slow.drained();
    expect(told(back.events())).toEqual(["gap", 4]);
    expect(told(reader.fresh())).toEqual([1, 2, 3, 4]);
    expect(told(slow.events())).toEqual(["gap", 4]);
    expect(live.counts().lost).toBe(3);
  });

  test("only of the types that the stream has", () => {
    const live = started();
    publish(live, 1, 1);
    live.second();
    publish(live, 2, 2);
    const reader = read(live, { types: ["metric"], lastEventId: "start1-0" });
    expect(reader.events().map(({ type }) => type)).toEqual(["metric"]);
  });

  test("a client that is told a status on connect may come back with its id", () => {
    const live = started();
    const { id } = read(live).events()[0]!;
    publish(live, 1, 2);
    expect(told(read(live, { lastEventId: id }).events())).toEqual(["status", 1, 2]);
  });

  // contract §5: "from a ring bounded in bytes (4 MB; a slow client's queue 1 MB; settings)"
  test("a ring bounded in bytes", () => {
    const live = started({ ringBytes: 10_000 });
    publish(live, 1, 100);
    const reader = read(live, { types: ["error"], lastEventId: "start1-0" });
    const bytes = reader.chunks.slice(2).reduce((sum, chunk) => sum + chunk.byteLength, 0);
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect(bytes).toBeGreaterThan(8000);
    const [gap, ...numbers] = told(reader.events());
    expect(gap).toBe("gap");
    expect(numbers).toEqual(Array.from(numbers, (_, at) => 101 - numbers.length + at));
  });

  test("the newest event is held even where it alone is larger than the ring", () => {
    const live = started({ ringBytes: 100 });
    publish(live, 1, 3);
    expect(told(read(live, { types: ["error"], lastEventId: "start1-2" }).events())).toEqual([3]);
  });

  // contract §5: "A gap that the ring no longer holds, or an id of another start, is told by a `status` event with
  // `gap: true`, on every stream whatever its `types`."
  test("A gap that the ring no longer holds is told by a `status` event with `gap: true`, on every stream whatever its `types`.", () => {
    const live = started({ ringBytes: 5000 });
    publish(live, 1, 20);
    const [first, ...rest] = read(live, { types: ["error"], lastEventId: "start1-1" }).events();
    expect([first!.type, first!.data["gap"]]).toEqual(["status", true]);
    const numbers = told(rest);
    expect(numbers.at(-1)).toBe(20);
    expect(first!.id).toBe(`start1-${Number(numbers[0]) - 1}`);
    expect(read(live, { types: ["error"], lastEventId: first!.id }).text()).not.toContain("gap");
  });

  test("one event that the ring no longer holds is a gap; none is not", () => {
    const live = started({ ringBytes: 5000 });
    publish(live, 1, 20);
    const held = read(live, { types: ["error"], lastEventId: "start1-1" }).events().length - 1;
    expect(read(live, { types: ["error"], lastEventId: `start1-${20 - held}` }).events()[0]?.type).toBe("error");
    expect(read(live, { types: ["error"], lastEventId: `start1-${19 - held}` }).events()[0]?.type).toBe("status");
  });

  test.for([
    ["of another start", "start2-1"],
    ["of another start with a dash", "start2-start1-1"],
    ["of an event that is not there yet", "start1-4"],
    ["that is none", "0"],
    ["that is none at all", "start1-"],
    ["with a number beyond all", `start1-${"9".repeat(400)}`],
    ["with a line break", "start1-1\nevent: status"],
  ])("an id %s is told by a `status` event with `gap: true`", ([, lastEventId]) => {
    const live = started();
    publish(live, 1, 3);
    const reader = read(live, { types: ["error"], lastEventId });
    publish(live, 4, 4);
    expect(told(reader.events())).toEqual(["gap", 4]);
    expect(reader.events()[0]?.id).toBe("start1-3");
  });
});

describe("a slow client (contract §5)", () => {
  test("A client that cannot keep up loses its oldest events first and is told by `gap`;", () => {
    const live = started({ clientBytes: 5000 });
    const slow = read(live, { types: ["error"] });
    slow.slow = true;
    publish(live, 1, 100);
    expect(told(slow.events())).toEqual([1]);
    slow.slow = false;
    slow.drained();
    const [gap, ...rest] = told(slow.events()).slice(1);
    expect(gap).toBe("gap");
    const numbers = rest.map(Number);
    expect(numbers).toEqual(Array.from(numbers, (_, at) => 101 - numbers.length + at));
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers.length).toBeLessThan(6);
    expect(live.counts().lost).toBe(99 - numbers.length);
    slow.close();
    expect(live.counts()).toMatchObject({ clients: 0, lost: 99 - numbers.length, events: 100 });
  });

  test("its queue is of the types that it wants: others do not push out its own", () => {
    const live = started({ clientBytes: 5000 });
    const slow = read(live, { types: ["metric"] });
    slow.slow = true;
    live.second(10);
    live.changes(taken(logFact({ errorItem: true, message: "x".repeat(20_000) })));
    live.second(1);
    publish(live, 1, 50);
    slow.slow = false;
    slow.drained();
    expect(slow.events().map(({ type, data }) => [type, data["errors"]])).toEqual([
      ["metric", 0],
      ["metric", 1],
    ]);
  });

  test("what leaves the ring before it was read is a gap, too", () => {
    const live = started({ ringBytes: 3000, clientBytes: 1e6 });
    const slow = read(live, { types: ["error"] });
    slow.slow = true;
    publish(live, 1, 20);
    slow.slow = false;
    slow.drained();
    const [first, gap, ...rest] = told(slow.events());
    expect([first, gap]).toEqual([1, "gap"]);
    expect(rest.at(-1)).toBe(20);
    expect(live.counts().lost).toBe(19 - rest.length);
  });

  test("an event that it does not want is not lost to it", () => {
    const live = started({ ringBytes: 3000 });
    const slow = read(live, { types: ["metric"], slow: true });
    publish(live, 1, 20);
    live.second();
    slow.slow = false;
    slow.drained();
    expect(slow.events().map(({ type }) => type)).toEqual(["metric"]);
    expect(live.counts().lost).toBe(0);
  });

  test("while it replays, it is not cut at its queue's bound", () => {
    const live = started({ clientBytes: 2000 });
    publish(live, 1, 10);
    const slow = read(live, { types: ["error"], lastEventId: "start1-0", slow: true });
    publish(live, 11, 12);
    for (let n = 0; n < 12; n += 1) slow.drained();
    expect(told(slow.events())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("it never holds up the bot or another client.", () => {
    const live = started({ clientBytes: 2000 });
    const stuck = read(live, { types: ["error"], slow: true });
    const broken = live.subscribe({
      write() {
        throw new Error("socket closed");
      },
      end() {},
      cut() {},
    });
    const quick = read(live, { types: ["error"] });
    publish(live, 1, 500);
    live.second(20);
    expect(told(quick.events())).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    expect(stuck.chunks).toHaveLength(1);
    broken.close();
  });

  test("One whose connection takes nothing for 60 s is disconnected.", () => {
    const live = started();
    const stuck = read(live, { slow: true });
    const [slow, quick] = [read(live, { slow: true }), read(live)];
    live.second(40);
    slow.drained();
    live.second(35); // five rounds of keep-alive have passed, the last one at 75 s
    expect([stuck.cut, slow.cut, quick.cut]).toEqual([true, false, false]);
    expect(live.counts()).toMatchObject({ clients: 2, cut: 1 });
    const before = stuck.chunks.length;
    stuck.close();
    live.second(15);
    expect(stuck.chunks).toHaveLength(before);
    expect(live.counts()).toMatchObject({ clients: 2, cut: 1 });
    live.second(30);
    expect([slow.cut, quick.cut]).toEqual([true, false]);
  });

  test("one that reads on within a minute is kept", () => {
    const live = started();
    const slow = read(live, { slow: true });
    live.second(59);
    slow.drained();
    live.second(59);
    slow.drained();
    expect(slow.cut).toBe(false);
  });

  test("one that is gone is written to no more", () => {
    const live = started();
    const reader = read(live);
    const before = reader.chunks.length;
    reader.close();
    reader.close();
    publish(live, 1, 3);
    live.second(20);
    expect(reader.chunks).toHaveLength(before);
    expect(live.counts().clients).toBe(0);
  });
});
