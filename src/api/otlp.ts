import { Router } from "@koa/router";
import Koa, { type Context } from "koa";
import type { Receiver } from "../ingest/receiver.ts";
import { answerErrors } from "./middleware/envelope.ts";
import { methods } from "./middleware/methods.ts";
import type { ApiDeps } from "./deps.ts";

const SIGNALS = ["traces", "logs", "metrics"] as const;

/** `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP. */
export function addOtlp(router: Router, receiver: Receiver): void {
  for (const signal of SIGNALS) {
    router.post(`/v1/${signal}`, async (ctx: Context) => {
      const { status, contentType, body, retryAfter } = await receiver.receive(signal, ctx.req);
      ctx.status = status;
      ctx.set("Content-Type", contentType);
      if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
      ctx.body = typeof body === "string" ? body : Buffer.from(body);
    });
  }
}

/** What the second port serves: OTLP and nothing else. */
export function createOtlpApi(receiver: Receiver, report: ApiDeps["report"]): Koa {
  const app = new Koa();
  app.on("error", () => {});
  app.use(answerErrors(report));
  const router = new Router();
  addOtlp(router, receiver);
  app.use(router.routes());
  app.use(methods);
  return app;
}
