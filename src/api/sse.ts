import type { Context } from "koa";
import { BotelError } from "../contract/errors.ts";
import { eventParameters } from "../contract/wire/query.ts";
import type { Access } from "./access/access.ts";
import { type Asker, askerOf } from "./access/asker.ts";
import type { LiveEvents } from "./deps.ts";
import { readQuery } from "./query.ts";

/** How often it is looked whose token is no longer in force, in ms. */
const WATCH_MS = 1000;

/**
 * `GET /api/system/events` (contract §5): hands the response to `live/`, which writes, and tells it when the client has
 * read on and when it is gone.
 *
 * @throws {BotelError} UNAVAILABLE where as many streams are open as there may be, RATE_LIMITED where one client has them
 */
export function events(live: LiveEvents, { keyring, maxStreams }: Access) {
  let open = 0;
  const streams = new Map<() => void, Asker>();
  let watch: NodeJS.Timeout | undefined;

  function of(client: string | undefined): number {
    return client === undefined ? 0 : [...streams.values()].filter((asker) => asker.client === client).length;
  }

  /** A stream whose token was revoked or has expired ends; its client then hears why. */
  function endRevoked(): void {
    for (const [end, { token }] of streams) if (token && !keyring.holds(token)) end();
  }

  function enter(end: () => void, asker: Asker): void {
    open += 1;
    streams.set(end, asker);
    watch ??= setInterval(endRevoked, WATCH_MS).unref();
  }

  function leave(end: () => void): void {
    open -= 1;
    streams.delete(end);
    if (open > 0) return;
    clearInterval(watch);
    watch = undefined;
  }

  return (ctx: Context): void => {
    const { types } = readQuery(ctx.querystring, eventParameters);
    if (open >= live.maxClients) {
      throw new BotelError("UNAVAILABLE", `${live.maxClients} streams are open; close one of them.`);
    }
    const asker = askerOf(ctx);
    if (of(asker.client) >= maxStreams) {
      const sentence = `You have ${maxStreams} streams open, which is all one client may have; close one.`;
      throw new BotelError("RATE_LIMITED", sentence, { retryAfter: 10 });
    }
    ctx.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
    ctx.status = 200;
    if (ctx.method === "HEAD") return;

    ctx.respond = false;
    const { req, res } = ctx;
    // A write may come between the end of the socket and its `close`.
    res.on("error", () => {});
    // The stream ends with its connection: no chunk has to be framed for each client.
    res.removeHeader("Transfer-Encoding");
    res.flushHeaders();
    const end = (): void => void res.end();
    enter(end, asker);
    const subscription = live.subscribe({
      lastEventId: ctx.get("Last-Event-ID") || undefined,
      types,
      write: (chunk) => (res.socket ?? res).write(chunk),
      end,
      cut: () => res.destroy(),
    });
    const drained = (): void => subscription.drained();
    res.on("drain", drained);
    req.socket.on("drain", drained);
    res.once("close", () => {
      req.socket.off("drain", drained);
      leave(end);
      subscription.close();
    });
  };
}
