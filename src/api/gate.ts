import type Koa from "koa";
import type { Context } from "koa";
import type { Receiver } from "../ingest/receiver.ts";
import type { ApiDeps } from "./deps.ts";
import { bounds } from "./middleware/bounds.ts";
import { cors } from "./middleware/cors.ts";
import { answerErrors } from "./middleware/envelope.ts";
import { guard } from "./middleware/guard.ts";
import { headers } from "./middleware/headers.ts";
import { isOtlp, refuseInOtlp } from "./middleware/otlp-form.ts";
import { readable } from "./middleware/readable.ts";

/** What each request goes through, on both ports, before a route sees it (contract §3, §6). */
export function addGate(app: Koa, deps: Pick<ApiDeps, "access" | "report"> & { receiver?: Receiver }): void {
  // What Koa reports here is what happened to a socket: the client is gone, nothing is to be told.
  app.on("error", () => {});
  app.use(headers);
  app.use(answerErrors((failure) => deps.report(failure)));
  app.use(readable);
  if (deps.receiver) app.use(refuseInOtlp(deps.receiver));
  app.use(bounds(readsBody));
  app.use(cors(deps.access));
  app.use(guard(deps.access));
}

function readsBody(ctx: Context): boolean {
  return isOtlp(ctx) || (ctx.method === "POST" && ctx.path === "/api/session");
}
