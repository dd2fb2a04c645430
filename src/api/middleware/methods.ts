import type { Context, Next } from "koa";
import { BotelError } from "../../contract/errors.ts";

/** Comes after the routes: a path that a route has, with a method that none of them takes, is 405 with `Allow`. */
export async function methods(ctx: Context, next: Next): Promise<void> {
  const layers = (ctx.matched ?? []) as { methods: string[] }[];
  const allowed = [...new Set(layers.flatMap((layer) => layer.methods))];
  if (allowed.length === 0 || allowed.includes(ctx.method)) return next();
  const list = allowed.toSorted().join(", ");
  ctx.set("Allow", list);
  throw new BotelError("METHOD_NOT_ALLOWED", `${ctx.path} takes ${list}; it was ${ctx.method}.`);
}
