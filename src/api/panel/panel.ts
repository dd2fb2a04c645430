import type { Router } from "@koa/router";
import type { Context } from "koa";
import { BotelError } from "../../contract/errors.ts";
import type { PanelAnswers, PanelToolCallQuery } from "./answers.ts";

const BASE = "/chatai/api";
const REQUESTS = 50;
const TOOL_CALLS = 100;
const MOST = 1000;
/** The last instant that a date can be. */
const LAST_MS = 8.64e15;

/**
 * What the published web panel of the original plug-in asks for its statistics, usage, tool and monitor pages, in its own
 * envelope (docs/panel.md). What it wants to write or erase is refused: facts are not the panel's.
 *
 * @param answers undefined while the store is not there
 */
export function addPanel(router: Router, answers: () => PanelAnswers | undefined): void {
  const get = (path: string, answer: (of: PanelAnswers, ctx: Context) => unknown): void => {
    router.get(
      BASE + path,
      enveloped(async (ctx) => answer(there(answers()), ctx)),
    );
  };
  for (const path of ["/state", "/system/server-mode"]) get(path, () => ({}));
  get("/config/init-status", () => ({ initCompleted: true }));
  get("/stats", (of) => of.stats());
  get("/stats/usage", (of) => of.usage());
  get("/stats/usage/recent", (of, ctx) => {
    const failed = choice(ctx, "status", "failed", "success");
    return of.requests({ limit: limitOf(ctx, REQUESTS), failed, source: one(ctx, "source") });
  });
  get("/stats/tool-calls", (of) => of.tools());
  get("/stats/tool-calls/records", (of, ctx) => of.toolCalls(toolCallQuery(ctx)));
  get("/tools/logs", (of, ctx) => of.toolCalls(toolCallQuery(ctx)));
  get("/system/monitor", (of) => of.monitor());
  get("/channels/list", (of) => of.channels());
  router.all(`${BASE}/{*path}`, enveloped(refuse));
}

function there(answers: PanelAnswers | undefined): PanelAnswers {
  if (!answers) throw new BotelError("UNAVAILABLE", "The store is being opened; ask again in a second.");
  return answers;
}

function refuse({ method, path }: Context): Promise<never> {
  if (method !== "GET" && method !== "HEAD") {
    throw new BotelError(
      "FORBIDDEN",
      "botel counts what happened: nothing of it is changed or erased from this panel.",
    );
  }
  throw new BotelError("NOT_FOUND", `botel has nothing for the panel at ${path.slice(0, 100)}.`);
}

/** The panel's envelope, for failures too; whatever is no failure of botel's own is left to who answers those. */
function enveloped(answer: (ctx: Context) => Promise<unknown>) {
  return async (ctx: Context): Promise<void> => {
    ctx.set("Cache-Control", "no-store");
    try {
      write(ctx, 200, { code: 0, data: (await answer(ctx)) ?? null, message: "ok" });
    } catch (error) {
      if (!(error instanceof BotelError)) throw error;
      if (error.code === "UNAVAILABLE") ctx.set("Retry-After", "1");
      write(ctx, error.status, { code: error.status, data: null, message: error.message });
    }
  };
}

function write(ctx: Context, status: number, body: object): void {
  ctx.status = status;
  ctx.type = "json";
  ctx.body = JSON.stringify(body);
}

/** The original takes what it can read of a query, and is silent about the rest; the panel counts on that. */
function one(ctx: Context, name: string): string | undefined {
  const given = ctx.query[name];
  return typeof given === "string" && given !== "" ? given : undefined;
}

/** @returns true for `yes`, false for `no`, undefined for all else */
function choice(ctx: Context, name: string, yes: string, no: string): boolean | undefined {
  const given = one(ctx, name);
  return given === yes || given === no ? given === yes : undefined;
}

function number(ctx: Context, name: string): number | undefined {
  const value = Number(one(ctx, name));
  return Math.abs(value) <= LAST_MS ? value : undefined;
}

function limitOf(ctx: Context, usual: number): number {
  const asked = number(ctx, "limit") ?? usual;
  return asked >= 1 ? Math.min(MOST, Math.floor(asked)) : usual;
}

function toolCallQuery(ctx: Context): PanelToolCallQuery {
  return {
    limit: limitOf(ctx, TOOL_CALLS),
    toolName: one(ctx, "toolName"),
    failed: choice(ctx, "success", "false", "true"),
    userId: one(ctx, "userId"),
    groupId: one(ctx, "groupId"),
    keyword: one(ctx, "keyword"),
    startTime: number(ctx, "startTime"),
    endTime: number(ctx, "endTime"),
  };
}
