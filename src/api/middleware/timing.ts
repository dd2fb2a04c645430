import type { Context, Next } from "koa";
import { systemClock } from "../../lib/clock.ts";

/** `Server-Timing: total;dur=…`: ms that the answer took here, for browsers' tools and the bench. */
export async function timing(ctx: Context, next: Next): Promise<void> {
  const began = systemClock.mono();
  await next();
  ctx.set("Server-Timing", `total;dur=${(systemClock.mono() - began).toFixed(2)}`);
}
