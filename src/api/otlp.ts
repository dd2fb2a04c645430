import { Router } from "@koa/router";
import Koa, { type Context } from "koa";
import type { Receiver } from "../ingest/receiver.ts";
import type { ApiDeps } from "./deps.ts";
import { addGate } from "./gate.ts";
import { methods } from "./middleware/methods.ts";
import { answerOtlp } from "./middleware/otlp-form.ts";

const SIGNALS = ["traces", "logs", "metrics"] as const;

/** `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP. */
export function addOtlp(router: Router, receiver: Receiver): void {
  for (const signal of SIGNALS) {
    router.post(`/v1/${signal}`, async (ctx: Context) => answerOtlp(ctx, await receiver.receive(signal, ctx.req)));
  }
}

/** What the second port serves: OTLP and nothing else. */
export function createOtlpApi(deps: Pick<ApiDeps, "access" | "report"> & { receiver: Receiver }): Koa {
  const app = new Koa();
  addGate(app, deps);
  const router = new Router({ sensitive: true, strict: true });
  addOtlp(router, deps.receiver);
  app.use(router.routes());
  app.use(methods);
  return app;
}
