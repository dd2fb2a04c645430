import type { Context, Next } from "koa";
import type { Access } from "../access/access.ts";

const ALLOWED_HEADERS = "Authorization, Content-Type, X-API-Key, If-None-Match, Last-Event-ID";
const EXPOSED_HEADERS = "ETag, Retry-After";
const PREFLIGHT_SECONDS = "600";

/**
 * Cross-origin only for configured origins (contract §6). They send a token: no cookie is taken from them, since none
 * leaves its site (SameSite=Strict).
 */
export function cors({ origins }: Access) {
  return async (ctx: Context, next: Next): Promise<void> => {
    if (origins.size === 0) return next();
    ctx.vary("Origin");
    const origin = ctx.get("Origin");
    if (!origins.has(origin)) return next();
    ctx.set({ "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS });
    const asked = ctx.get("Access-Control-Request-Method");
    if (ctx.method !== "OPTIONS" || asked === "") return next();
    ctx.set({
      "Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE",
      "Access-Control-Allow-Headers": ALLOWED_HEADERS,
      "Access-Control-Max-Age": PREFLIGHT_SECONDS,
    });
    ctx.status = 204;
  };
}
