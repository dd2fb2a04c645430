import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "koa";
import { BotelError } from "../../contract/errors.ts";
import type { ApiDeps } from "../deps.ts";

/** `/livez`: the process answers. No detail. */
export function livez(ctx: Context): void {
  ctx.type = "text/plain";
  ctx.body = "ok\n";
}

/** `/readyz`: the store is open and everything answers. No detail. */
export function readyz(deps: ApiDeps) {
  return (ctx: Context): void => {
    if (!deps.ready()) throw new BotelError("UNAVAILABLE", "botel is not ready; ask again in a second.");
    ctx.type = "text/plain";
    ctx.body = "ok\n";
  };
}

const deflate = promisify(gzip);
let compressing: Promise<unknown> = Promise.resolve();

/** One job at a time: the bot's own look-ups of names wait for the same few threads. */
function compress(body: string): Promise<Buffer> {
  const made = compressing.then(() => deflate(body, { level: 1 }));
  compressing = made.catch(() => undefined);
  return made;
}

/** `/metrics` (contract §8). */
export function metrics(deps: ApiDeps) {
  return async (ctx: Context): Promise<void> => {
    const { contentType, body } = await deps.metrics.render(ctx.get("Accept"));
    ctx.set("Content-Type", contentType);
    ctx.vary("Accept");
    ctx.vary("Accept-Encoding");
    if (ctx.acceptsEncodings("gzip", "identity") !== "gzip") return void (ctx.body = body);
    ctx.set("Content-Encoding", "gzip");
    ctx.body = await compress(body);
  };
}
