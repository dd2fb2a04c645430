import type { Context, Next } from "koa";
import { BotelError } from "../../contract/errors.ts";

/** Refuses what Node reads and nobody can answer: an address that is none, or HTTP/1.1 without `Host`. */
export async function readable(ctx: Context, next: Next): Promise<void> {
  if (!hasPath(ctx)) throw new BotelError("INVALID_PARAMETER", "The address of this request cannot be read.");
  const { httpVersion, headers } = ctx.req;
  if (httpVersion === "1.1" && headers.host === undefined) {
    throw new BotelError("INVALID_PARAMETER", "A request of HTTP/1.1 needs the header Host.");
  }
  return next();
}

/**
 * Koa parses the address when it is asked for: `http://[` throws, and `http:` has no path. With a `#` in it `\` becomes
 * `/`, and `/api\stats` would be another spelling of what it is not; neither is allowed there.
 */
function hasPath(ctx: Context): boolean {
  if (/^[^?]*[#\\]/.test(ctx.req.url ?? "")) return false;
  try {
    return typeof ctx.path === "string" && ctx.path !== "";
  } catch {
    return false;
  }
}
