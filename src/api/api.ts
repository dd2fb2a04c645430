import { Router } from "@koa/router";
import Koa, { type Context } from "koa";
import type { ApiDeps } from "./deps.ts";
import type { Endpoint } from "./endpoint.ts";
import { addGate } from "./gate.ts";
import { cache } from "./middleware/cache.ts";
import { methods } from "./middleware/methods.ts";
import { timing } from "./middleware/timing.ts";
import { openapi } from "./openapi.ts";
import { addOtlp } from "./otlp.ts";
import { addPage } from "./page.ts";
import { addPanel } from "./panel/panel.ts";
import { readQuery } from "./query.ts";
import { batchEndpoint } from "./routes/batch.ts";
import { addForget } from "./routes/forget.ts";
import { logsEndpoints } from "./routes/logs.ts";
import { livez, metrics, readyz } from "./routes/plain.ts";
import { addSession } from "./routes/session.ts";
import { statsEndpoints } from "./routes/stats.ts";
import { systemEndpoints } from "./routes/system.ts";
import { traceEndpoints } from "./routes/traces.ts";
import { events } from "./sse.ts";

/** The documented endpoints that answer JSON in the envelope. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...systemEndpoints,
  ...statsEndpoints,
  ...logsEndpoints,
  ...traceEndpoints,
  batchEndpoint([...systemEndpoints, ...statsEndpoints, ...logsEndpoints]),
];

/**
 * The HTTP API: every endpoint of contract §4 and those beside them, the envelope, errors and caching of §3.
 *
 * @param deps what is answered; read at each request, never kept
 */
export function createApi(deps: ApiDeps): Koa {
  const app = new Koa();
  app.use(timing);
  addGate(app, deps);
  app.use(cache);

  // One spelling of each path: what guards a path must not be passed by `/API/…` or `/metrics/`.
  const router = new Router({ sensitive: true, strict: true });
  for (const each of ENDPOINTS) router.get(routeOf(each.path), handler(each, deps));
  router.get("/api/system/events", events(deps.live, deps.access));
  router.get("/api/openapi.json", described(deps));
  addForget(router, deps);
  addSession(router, deps.access, deps.clock);
  router.get("/livez", livez);
  router.get("/readyz", readyz(deps));
  router.get("/metrics", metrics(deps));
  if (deps.receiver) addOtlp(router, deps.receiver);
  if (deps.panel) addPanel(router, deps.panel);
  addPage(router);
  app.use(router.routes());
  app.use(methods);
  return app;
}

/** `{traceId}` is how OpenAPI writes what the router calls `:traceId`. */
function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function handler(of: Endpoint, deps: ApiDeps) {
  return async (ctx: Context): Promise<void> => {
    const data = await of.answer(readQuery(ctx.querystring, of.parameters, pathValues(ctx)), deps);
    ctx.status = of.status?.(data) ?? 200;
    ctx.type = "json";
    ctx.body = JSON.stringify({ success: true, data });
  };
}

function pathValues(ctx: Context): Record<string, string> {
  return ctx.params as Record<string, string>;
}

function described(deps: ApiDeps) {
  const otlp = deps.receiver !== undefined;
  const write = (version: string) => JSON.stringify(openapi({ endpoints: ENDPOINTS, version, otlp }));
  let made: { version: string; text: string } | undefined;
  return async (ctx: Context): Promise<void> => {
    const { version } = await deps.system.info();
    if (made?.version !== version) made = { version, text: write(version) };
    ctx.type = "json";
    ctx.body = made.text;
  };
}
