import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Router } from "@koa/router";
import type { Context } from "koa";

/** As `src/web/build.ts` left it. */
const BUILT = new URL("../web/built/", import.meta.url);

/** A name holds a hash of its content: what is under it never changes. */
const FOR_EVER = "public, max-age=31536000, immutable";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

interface PageFile {
  type: string;
  plain: Buffer;
  gzip: Buffer;
}

/** `GET /` and `GET /assets/…`: the live page. Its shell is public and holds no data (contract §6). */
export function addPage(router: Router): void {
  let read: ReadonlyMap<string, PageFile> | undefined;
  const files = () => (read ??= readPage());

  router.get("/", (ctx) => send(ctx, files().get("index.html"), "no-cache"));
  router.get("/assets/:name", (ctx) => send(ctx, files().get(`assets/${ctx.params["name"]}`), FOR_EVER));
}

/** What is not there stays unanswered, and so a 404 in the envelope. */
function send(ctx: Context, file: PageFile | undefined, cached: string): void {
  if (!file) return;
  ctx.set({ "Cache-Control": cached, Vary: "Accept-Encoding" });
  const zipped = ctx.acceptsEncodings("gzip", "identity") === "gzip";
  if (zipped) ctx.set("Content-Encoding", "gzip");
  ctx.type = file.type;
  ctx.body = zipped ? file.gzip : file.plain;
}

/** Into memory, once: some 50 KB zipped. Empty where it was not built. */
function readPage(): Map<string, PageFile> {
  const folder = fileURLToPath(BUILT);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[name.split(".").at(-1) ?? ""];
      if (type === undefined) return [];
      const plain = readFileSync(new URL(name, BUILT));
      return [[name, { type, plain, gzip: gzipSync(plain, { level: 9 }) }]];
    }),
  );
}
