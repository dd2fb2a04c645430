import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { failure } from "../../src/contract/wire/envelope.ts";
import { startApi } from "./started.ts";

describe("GET /api/system/events", () => {
  // contract §5: "`text/event-stream`, kept alive by a comment every 15 s, `retry:`, `id: <start>-<n>` on every event, and
  // replay after `Last-Event-ID` from a ring bounded in bytes": the route's part of it.
  test("what is written arrives as it is, and the client's id is handed on", async () => {
    const api = await startApi();
    const answer = await api.get("/api/system/events?types=metric,error", { headers: { "Last-Event-ID": "1-2" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    const [client] = api.clients;
    expect(client).toMatchObject({ lastEventId: "1-2", types: ["metric", "error"], closed: false });

    expect(client?.write(Buffer.from("data: 1\n\n"))).toBe(true);
    client?.end();
    expect(await answer.text()).toBe("data: 1\n\n");
    await vi.waitFor(() => expect(client?.closed).toBe(true));
  });

  test("without types and id there are none", async () => {
    const api = await startApi();
    await api.get("/api/system/events");
    expect(api.clients[0]?.types).toBeUndefined();
    expect(api.clients[0]?.lastEventId).toBeUndefined();
  });

  test("a client that goes is told of", async () => {
    const api = await startApi();
    const leave = new AbortController();
    await api.get("/api/system/events", { signal: leave.signal });
    leave.abort();
    await vi.waitFor(() => expect(api.clients[0]?.closed).toBe(true));
  });

  test("a client that reads slowly is told of, and when it has read on", async () => {
    const api = await startApi();
    const socket = connect(api.port, "127.0.0.1");
    socket.write("GET /api/system/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await vi.waitFor(() => expect(api.clients).toHaveLength(1));
    socket.pause();
    const chunk = Buffer.alloc(1 << 20, ".");
    const full = Array.from({ length: 100 }).findIndex(() => !api.clients[0]?.write(chunk));
    expect(full).toBeGreaterThanOrEqual(0);
    expect(api.clients[0]?.drains).toBe(0);
    socket.resume();
    await vi.waitFor(() => expect(api.clients[0]?.drains).toBeGreaterThan(0));
    socket.destroy();
  });

  test("a client that is cut loose is disconnected at once, though it reads nothing of what was written", async () => {
    const api = await startApi();
    const socket = connect(api.port, "127.0.0.1");
    socket.write("GET /api/system/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await vi.waitFor(() => expect(api.clients).toHaveLength(1));
    socket.pause();
    socket.on("error", () => {});
    const chunk = Buffer.alloc(1 << 20, ".");
    for (let n = 0; n < 100 && api.clients[0]?.write(chunk); n += 1);
    api.clients[0]?.cut();
    await vi.waitFor(() => expect(api.clients[0]?.closed).toBe(true));
    socket.resume();
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
  });

  test("HEAD says what a stream would be, and opens none", async () => {
    const api = await startApi();
    const answer = await api.get("/api/system/events", { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(api.clients).toEqual([]);
  });

  test("streams are bounded; one that closed makes room", async () => {
    const api = await startApi();
    const leave = new AbortController();
    const open = Array.from({ length: 20 }, () => api.get("/api/system/events", { signal: leave.signal }));
    await Promise.all(open);
    const refused = await api.get("/api/system/events");
    expect(refused.status).toBe(503);
    expect(failure.parse(await refused.json()).code).toBe("UNAVAILABLE");
    leave.abort();
    await vi.waitFor(() => expect(api.clients.every(({ closed }) => closed)).toBe(true));
    expect((await api.get("/api/system/events")).status).toBe(200);
  });

  test("types that are none are refused before the stream begins", async () => {
    const api = await startApi();
    const answer = await api.get("/api/system/events?types=metrics");
    expect(answer.status).toBe(400);
    expect(failure.parse(await answer.json()).error).toContain("`types`");
    expect(api.clients).toEqual([]);
  });
});
