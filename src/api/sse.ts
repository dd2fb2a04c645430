import type { Context } from "koa";
import { BotelError } from "../contract/errors.ts";
import { eventParameters } from "../contract/wire/query.ts";
import type { LiveEvents } from "./deps.ts";
import { readQuery } from "./query.ts";

/**
 * `GET /api/system/events` (contract §5): hands the response to `live/`, which writes, and tells it when the client has
 * read on and when it is gone.
 *
 * @throws {BotelError} UNAVAILABLE where as many streams are open as there may be
 */
export function events(live: LiveEvents) {
  let open = 0;
  return (ctx: Context): void => {
    const { types } = readQuery(ctx.querystring, eventParameters);
    if (open >= live.maxClients) {
      throw new BotelError("UNAVAILABLE", `${live.maxClients} streams are open; close one of them.`);
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
    open += 1;
    const subscription = live.subscribe({
      lastEventId: ctx.get("Last-Event-ID") || undefined,
      types,
      write: (chunk) => (res.socket ?? res).write(chunk),
      end: () => res.end(),
      cut: () => res.destroy(),
    });
    const drained = (): void => subscription.drained();
    res.on("drain", drained);
    req.socket.on("drain", drained);
    res.once("close", () => {
      req.socket.off("drain", drained);
      open -= 1;
      subscription.close();
    });
  };
}
