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

/** `/metrics` (contract §8). */
export function metrics(deps: ApiDeps) {
  return async (ctx: Context): Promise<void> => {
    const { contentType, body } = await deps.metrics.render();
    ctx.set("Content-Type", contentType);
    ctx.body = body;
  };
}
