import type { Router } from "@koa/router";
import type { Context } from "koa";
import type { Token } from "../../contract/access.ts";
import { BotelError } from "../../contract/errors.ts";
import { type SessionData, signIn } from "../../contract/wire/session.ts";
import { writeSeconds } from "../../contract/wire/time.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Access } from "../access/access.ts";
import { askerOf } from "../access/asker.ts";
import { COOKIE } from "../middleware/guard.ts";

const MAX_BODY = 8192;
/** A session ends by itself, also where its token goes on. */
const MAX_AGE_S = 30 * 86_400;

/** `/api/session`: the page signs in with a token, which it then keeps in a cookie that no script can read, and out. */
export function addSession(router: Router, access: Access, clock: Clock): void {
  router.get("/api/session", (ctx) => {
    const { token, scopes } = askerOf(ctx);
    answer(ctx, { name: token?.name ?? null, scopes: [...scopes], expires: expiryOf(token) });
  });

  router.post("/api/session", async (ctx) => {
    const secret = await readToken(ctx);
    const token = find(access, secret);
    const left = Math.floor(((token.expiresMs ?? Infinity) - clock.now()) / 1000);
    ctx.set("Set-Cookie", cookie(ctx, secret, Math.min(MAX_AGE_S, left)));
    answer(ctx, { name: token.name, scopes: [...token.scopes], expires: expiryOf(token) });
  });

  router.delete("/api/session", (ctx) => {
    ctx.set("Set-Cookie", cookie(ctx, "", 0));
    answer(ctx, null);
  });
}

/** @throws {BotelError} INVALID_TOKEN, TOKEN_EXPIRED, FORBIDDEN: the page reads, and a token that may not is no use there */
function find({ keyring, refused, count }: Access, secret: string): Token {
  let token: Token;
  try {
    token = keyring.find(secret);
  } catch (error) {
    count((error as BotelError).code === "TOKEN_EXPIRED" ? "expired_token" : "unknown_token");
    throw error;
  }
  if (token.scopes.includes("read")) return token;
  const sentence = `The token ${token.name} may not read: sign in with one that has the scope read.`;
  throw refused("scope", new BotelError("FORBIDDEN", sentence));
}

function answer(ctx: Context, data: SessionData | null): void {
  ctx.set("Cache-Control", "no-store");
  ctx.type = "json";
  ctx.body = JSON.stringify({ success: true, data });
}

function expiryOf(token: Token | undefined): string | null {
  return token?.expiresMs === undefined ? null : writeSeconds(token.expiresMs);
}

function cookie(ctx: Context, value: string, maxAgeS: number): string {
  const secure = askerOf(ctx).https || ctx.get("Origin").startsWith("https://") ? "; Secure" : "";
  return `${COOKIE}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

async function readToken(ctx: Context): Promise<string> {
  if (!ctx.is("application/json")) {
    throw new BotelError("UNSUPPORTED_MEDIA_TYPE", "Content-Type is application/json.");
  }
  const read = signIn.safeParse(parse(await readBody(ctx)));
  if (read.success) return read.data.token;
  throw new BotelError("INVALID_PARAMETER", 'The body is JSON, as {"token": "…"}.');
}

async function readBody(ctx: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY)
        throw new BotelError("PAYLOAD_TOO_LARGE", `A body has ${MAX_BODY} bytes at the most here.`);
      chunks.push(chunk);
    }
  } catch (error) {
    ctx.set("Connection", "close"); // the rest is not read
    throw error instanceof BotelError ? error : new BotelError("INVALID_PARAMETER", "The body broke off.");
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
