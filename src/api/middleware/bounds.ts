import type { Context, Next } from "koa";
import { BotelError } from "../../contract/errors.ts";

/** Characters of a request's address; Node holds address and headers together to 16 KB. */
const MAX_URL = 8192;
/** Bytes of a body that nothing reads. */
const MAX_UNREAD = 65_536;

/** Refuses what is longer than anybody needs. Of a body that nothing reads, the connection ends with the answer. */
export function bounds(readsBody: (ctx: Context) => boolean) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const length = Number(ctx.get("Content-Length"));
    const unread = !readsBody(ctx) && (length > 0 || ctx.get("Transfer-Encoding") !== "");
    if (unread) ctx.set("Connection", "close");
    if (ctx.url.length > MAX_URL) {
      throw new BotelError("INVALID_PARAMETER", `An address has ${MAX_URL} characters at the most.`);
    }
    if (unread && length > MAX_UNREAD) throw new BotelError("PAYLOAD_TOO_LARGE", "Nothing reads a body here.");
    await next();
  };
}
