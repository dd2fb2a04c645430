import type { Context, Next } from "koa";
import { BotelError } from "../../contract/errors.ts";
import type { OtlpAnswer } from "../../ingest/answer.ts";
import type { Receiver } from "../../ingest/receiver.ts";

const PATHS: ReadonlySet<string> = new Set(["/v1/traces", "/v1/logs", "/v1/metrics"]);

export function isOtlp({ method, path }: Context): boolean {
  return method === "POST" && PATHS.has(path);
}

/** Who sends OTLP is refused in the protocol's own form, too. */
export function refuseInOtlp(receiver: Receiver) {
  return async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof BotelError) || !isOtlp(ctx)) throw error;
      answerOtlp(ctx, receiver.refuse(ctx.req, error));
    }
  };
}

export function answerOtlp(ctx: Context, { status, contentType, body, retryAfter }: OtlpAnswer): void {
  ctx.status = status;
  ctx.set("Content-Type", contentType);
  if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
  ctx.body = typeof body === "string" ? body : Buffer.from(body);
}
