import { hash } from "node:crypto";
import type { Context, Next } from "koa";

/**
 * Every 200 under `/api` carries an `ETag` made from its body and honours `If-None-Match` (contract §3); it is made
 * from a body that is a string, so a stream has none.
 */
export async function cache(ctx: Context, next: Next): Promise<void> {
  if (!isApi(ctx.path)) return next();
  ctx.set("Cache-Control", "private, no-cache");
  await next();
  if (ctx.status !== 200 || typeof ctx.body !== "string") return;
  ctx.set("ETag", `"${hash("sha1", ctx.body, "base64url")}"`);
  if (ctx.fresh) ctx.status = 304;
}

function isApi(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}
