import { describe, expect, test, vi } from "vitest";
import { twin } from "../../src/contract/wire/events.ts";
import { bot, messageFact, taken } from "../system/made.ts";
import { failedRequest, read, row, started } from "./made.ts";

describe("the stream (contract §5)", () => {
  test('every event is followed, in the same write, by an unnamed twin with the same id, `data: {"type": "<event>", "data": …}`;', () => {
    const live = started();
    const reader = read(live);
    live.changes(taken(failedRequest()));
    live.channels.push(row("a", "active"));
    live.second();
    live.channels[0] = row("a", "error");
    live.changes(taken(messageFact()));
    live.second();
    const types = new Set<string>();
    const pairs = reader.chunks.slice(1).flatMap((chunk) =>
      Buffer.from(chunk)
        .toString()
        .match(/(.+\n)+\n(.+\n)+\n/g),
    );
    expect(pairs.join("")).toBe(reader.text().slice("retry: 3000\n\n".length));
    for (const text of pairs) {
      const [id, event, data, gap, twinId, twinData, ...rest] = text!.split("\n");
      expect([id, gap, rest]).toEqual([twinId, "", ["", ""]]);
      const type = event!.replace("event: ", "");
      const parsed = twin.parse(JSON.parse(twinData!.replace("data: ", "")));
      expect(parsed).toEqual({ type, data: JSON.parse(data!.replace("data: ", "")) as unknown });
      types.add(type);
    }
    expect([...types].sort()).toEqual(["channel", "error", "metric", "status"]);
  });

  test("`?types=metric,error` narrows the stream.", () => {
    const live = started();
    const reader = read(live, { types: ["metric", "error"] });
    live.channels.push(row("a", "active"));
    live.second();
    live.channels[0] = row("a", "error");
    live.system.changes([], [bot("1", true)]);
    live.changes(taken(failedRequest()));
    live.second();
    expect(reader.events().map(({ type }) => type)).toEqual(["error", "metric"]);
  });

  test("an event is rendered once for all clients", () => {
    const live = started();
    const [first, second] = [read(live, { types: ["error"] }), read(live, { types: ["error"] })];
    live.changes(taken(failedRequest()));
    expect(first.chunks.at(-1)).toBe(second.chunks.at(-1));
  });

  test("what comes right after a write to all is written a little later, in one piece", async () => {
    const live = started();
    const chunks: string[] = [];
    const write = (chunk: Uint8Array): boolean => {
      chunks.push(Buffer.from(chunk).toString());
      live.watch.pass(10);
      return true;
    };
    live.subscribe({ types: ["error"], write, end() {}, cut() {} });
    live.changes(taken(failedRequest()));
    expect(chunks).toHaveLength(2);
    live.changes(taken(failedRequest()));
    live.changes(taken(failedRequest()));
    expect(chunks).toHaveLength(2);
    await vi.waitFor(() => expect(chunks).toHaveLength(3));
    expect(chunks[2]?.match(/^id: .*$/gm)).toEqual(["id: start1-2", "id: start1-2", "id: start1-3", "id: start1-3"]);
    live.changes(taken(failedRequest()));
    live.stop();
    expect(chunks[3]).toContain("id: start1-4\n");
  });

  test("a client that reads loses nothing while writing is put off", () => {
    const live = started({ clientBytes: 5000, ringBytes: 5000 });
    const write = (): boolean => {
      live.watch.pass(10);
      return true;
    };
    live.subscribe({ write, end() {}, cut() {} });
    const reader = read(live, { types: ["error"] });
    for (let n = 0; n < 100; n += 1) live.changes(taken(failedRequest()));
    live.stop();
    expect(reader.events()).toHaveLength(100);
    expect(live.counts().lost).toBe(0);
  });

  // contract §5: "kept alive by a comment every 15 s, `retry:`, `id: <start>-<n>` on every event"
  test("kept alive by a comment every 15 s", () => {
    const live = started();
    const reader = read(live, { types: ["error"] });
    expect(reader.text()).toBe("retry: 3000\n\n");
    live.second(14);
    expect(reader.text()).not.toContain(": keep-alive\n\n");
    live.second(16);
    expect(reader.text().match(/^: keep-alive$/gm)).toHaveLength(2);
  });

  test("`id: <start>-<n>` on every event", () => {
    const live = started();
    const reader = read(live);
    live.changes(taken(failedRequest(), failedRequest()));
    expect(reader.events().map(({ type, id }) => [type, id])).toEqual([
      ["status", "start1-0"],
      ["error", "start1-1"],
      ["error", "start1-2"],
    ]);
    expect(
      read(live)
        .events()
        .map(({ id }) => id),
    ).toEqual(["start1-2"]);
  });
});
