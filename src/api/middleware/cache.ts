import { hash } from "node:crypto";
import type { Context, Next } from "koa";

const READS = new Set(["GET", "HEAD"]);

/**
 * Every 200 under `/api` carries an `ETag` made from its body and honours `If-None-Match` (contract §3); it is made
 * from a body that is a string, so a stream has none.
 */
export async function cache(ctx: Context, next: Next): Promise<void> {
  if (!isApi(ctx.path)) return next();
  ctx.set("Cache-Control", "private, no-cache");
  await next();
  if (ctx.status !== 200 || typeof ctx.body !== "string") return;
  const etag = `"${hash("sha1", ctx.body, "base64url")}"`;
  ctx.set("ETag", etag);
  if (READS.has(ctx.method) && matches(ctx.get("If-None-Match"), etag)) ctx.status = 304;
}

/** Not Koa's `fresh`: that takes `Cache-Control: no-cache` for a reload, and `fetch` sends it with every condition. */
function matches(condition: string, etag: string): boolean {
  if (condition === "*") return true;
  return condition.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}

function isApi(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}
