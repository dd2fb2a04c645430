import type { Context, Next } from "koa";
import type { Scope, Token } from "../../contract/access.ts";
import { BotelError } from "../../contract/errors.ts";
import { isLoopback } from "../../lib/address.ts";
import type { Access, Refusal } from "../access/access.ts";
import { setAsker } from "../access/asker.ts";
import type { Budget } from "../access/budgets.ts";

/** The cookie of a session: it holds a token. */
export const COOKIE = "auth_token";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const REASONS: Readonly<Record<string, Refusal>> = {
  AUTH_REQUIRED: "no_token",
  INVALID_TOKEN: "unknown_token",
  TOKEN_EXPIRED: "expired_token",
  RATE_LIMITED: "rate",
};

/**
 * Lets in who may ask (contract §6), and no path is forgotten: what is not public needs a token, and who has none is
 * counted by address. Where there are no tokens at all, botel is for this machine only, and holds to its names.
 */
export function guard(access: Access) {
  const { keyring, budgets, originOf, slotOf } = access;

  /** @throws {BotelError} where the client has no right, or has asked too often */
  async function admit(ctx: Context): Promise<void> {
    const { address, https } = originOf(ctx.req);
    const here = slotOf(address);
    if (!keyring.guarded()) {
      refuseOtherHosts(ctx, access);
      refuseOtherSites(ctx, access);
      return setAsker(ctx, { scopes: ["read", "ingest", "admin"], https });
    }
    if (isPublic(ctx)) {
      refuseOtherSites(ctx, access);
      if (!SAFE.has(ctx.method)) await spend("client", here);
      return setAsker(ctx, { scopes: [], https });
    }
    const { token, byCookie } = await identify(ctx, here);
    if (byCookie) refuseOtherSites(ctx, access);
    refuseOtherScopes(ctx, token, access);
    const client = byCookie ? `${token.name} ${here}` : token.name;
    if (!isStream(ctx)) await spend(budgetOf(ctx, byCookie), client);
    setAsker(ctx, { scopes: token.scopes, token, client: `${token.name} ${here}`, https });
  }

  async function identify(ctx: Context, here: string): Promise<{ token: Token; byCookie: boolean }> {
    try {
      const header = headerToken(ctx);
      const secret = header ?? ctx.cookies.get(COOKIE);
      if (secret === undefined || secret === "") throw new BotelError("AUTH_REQUIRED", NO_TOKEN);
      return { token: keyring.find(secret), byCookie: header === undefined };
    } catch (error) {
      await spend("client", here); // who guesses is slowed down
      ctx.set("WWW-Authenticate", 'Bearer realm="botel"');
      throw counted(error);
    }
  }

  async function spend(budget: Budget, client: string): Promise<void> {
    await budgets.spend(budget, client).catch((error: unknown) => {
      throw counted(error);
    });
  }

  function counted(error: unknown): unknown {
    const why = error instanceof BotelError ? REASONS[error.code] : undefined;
    if (why) access.count(why);
    return error;
  }

  return async (ctx: Context, next: Next): Promise<void> => {
    await admit(ctx);
    await next();
  };
}

const NO_TOKEN =
  "A token is needed: send it as `Authorization: Bearer …`, as `X-API-Key`, or sign in on the live page.";

function headerToken(ctx: Context): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(ctx.get("Authorization"))?.[1];
  return bearer ?? (ctx.get("X-API-Key") || undefined);
}

/** The page's shell, which holds no data, whether botel lives, and signing in and out. */
function isPublic({ method, path }: Context): boolean {
  if (path === "/api/session") return method === "POST" || method === "DELETE";
  if (method !== "GET" && method !== "HEAD") return false;
  return path === "/" || path === "/livez" || path === "/readyz" || path.startsWith("/assets/");
}

/** Open streams do not count: they have a limit of their own. */
function isStream({ path }: Context): boolean {
  return path === "/api/system/events";
}

function budgetOf({ path }: Context, byCookie: boolean): Budget {
  if (isOtlp(path)) return "ingest";
  if (path === "/metrics") return "metrics";
  return byCookie ? "session" : "client";
}

function isOtlp(path: string): boolean {
  return /^\/v1(\/|$)/i.test(path);
}

function scopeFor({ method, path }: Context): Scope {
  if (isOtlp(path)) return "ingest";
  // What the panel wants to change is refused there whoever asks, in the panel's own words.
  return SAFE.has(method) || path.startsWith("/chatai/api/") ? "read" : "admin";
}

function refuseOtherScopes(ctx: Context, { name, scopes }: Token, access: Access): void {
  const needed = scopeFor(ctx);
  if (scopes.includes(needed)) return;
  const sentence = `The token ${name} has no right to this: it needs the scope ${needed}, and has ${scopes.join(", ")}.`;
  throw access.refused("scope", new BotelError("FORBIDDEN", sentence));
}

/** A page of another site can have its name point here (DNS rebinding): then that name is in `Host`. */
function refuseOtherHosts(ctx: Context, { hosts, refused }: Access): void {
  const name = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d+)?$/i.exec(ctx.get("Host"));
  const host = (name?.[1] ?? name?.[2] ?? "").toLowerCase();
  if (isLoopback(host) || hosts.has(host)) return;
  const sentence =
    "Without a token botel answers for localhost only; set access.hosts to the names that lead here, or BOTEL_TOKEN.";
  throw refused("host", new BotelError("FORBIDDEN", sentence));
}

/**
 * What changes something is not taken from another site's page, which a browser would send with this one's cookie. A
 * browser says where it comes from; what is none can send any cookie it likes, and has to have it first.
 */
function refuseOtherSites(ctx: Context, { origins, refused }: Access): void {
  if (SAFE.has(ctx.method)) return;
  const [site, origin] = [ctx.get("Sec-Fetch-Site"), ctx.get("Origin")];
  if (site === "same-origin" || site === "none" || origins.has(origin)) return;
  if (site === "" && (origin === "" || hostOf(origin) === ctx.get("Host"))) return;
  const sentence = "A page of another origin may not do this; list its origin in access.origins where it should.";
  throw refused("cross_site", new BotelError("FORBIDDEN", sentence));
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
