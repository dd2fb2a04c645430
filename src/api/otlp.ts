import { Router } from "@koa/router";
import Koa, { type Context, type Next } from "koa";
import { BotelError } from "../contract/errors.ts";
import type { OtlpAnswer } from "../ingest/answer.ts";
import type { Receiver } from "../ingest/receiver.ts";
import type { ApiDeps } from "./deps.ts";
import { addGate } from "./gate.ts";
import { methods } from "./middleware/methods.ts";

const SIGNALS = ["traces", "logs", "metrics"] as const;
const PATHS: ReadonlySet<string> = new Set(SIGNALS.map((signal) => `/v1/${signal}`));

/** `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP. */
export function addOtlp(router: Router, receiver: Receiver): void {
  for (const signal of SIGNALS) {
    router.post(`/v1/${signal}`, async (ctx: Context) => write(ctx, await receiver.receive(signal, ctx.req)));
  }
}

/** What the second port serves: OTLP and nothing else. */
export function createOtlpApi(deps: Pick<ApiDeps, "access" | "report"> & { receiver: Receiver }): Koa {
  const app = new Koa();
  addGate(app, deps);
  const router = new Router();
  addOtlp(router, deps.receiver);
  app.use(router.routes());
  app.use(methods);
  return app;
}

export function isOtlp({ method, path }: Context): boolean {
  return method === "POST" && PATHS.has(path);
}

/** Who sends OTLP is refused in its own form, too. */
export function refuseInOtlp(receiver: Receiver) {
  return async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof BotelError) || !isOtlp(ctx)) throw error;
      write(ctx, receiver.refuse(ctx.req, error));
    }
  };
}

function write(ctx: Context, { status, contentType, body, retryAfter }: OtlpAnswer): void {
  ctx.status = status;
  ctx.set("Content-Type", contentType);
  if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
  ctx.body = typeof body === "string" ? body : Buffer.from(body);
}
