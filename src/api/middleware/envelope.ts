import type { Context, Next } from "koa";
import { BotelError } from "../../contract/errors.ts";
import type { Failure } from "../../contract/wire/envelope.ts";
import type { ApiDeps } from "../deps.ts";
import { failureOf } from "../failure.ts";

/** Seconds after which a client may ask again what was `UNAVAILABLE`. */
const RETRY_AFTER = 1;

/** The one place that answers errors: whatever goes wrong behind it leaves in the envelope of contract §3. */
export function answerErrors(report: ApiDeps["report"]) {
  return async function errors(ctx: Context, next: Next): Promise<void> {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw nothingHere(ctx.path);
    } catch (error) {
      const retryAfter = error instanceof BotelError ? error.retryAfter : undefined;
      answer(ctx, failureOf(error, ctx, report), retryAfter);
    }
  };
}

function answer(ctx: Context, failure: Failure & { status: number }, retryAfter?: number): void {
  const { status, ...body } = failure;
  ctx.remove("ETag");
  ctx.status = status;
  const after = retryAfter ?? (body.code === "UNAVAILABLE" ? RETRY_AFTER : undefined);
  if (after !== undefined) ctx.set("Retry-After", String(after));
  ctx.type = "json";
  ctx.body = JSON.stringify(body);
}

function nothingHere(path: string): BotelError {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  return new BotelError("NOT_FOUND", `There is nothing at ${shown}; /api/openapi.json lists what there is.`);
}
