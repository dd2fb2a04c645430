import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { BUILT, buildPage } from "../../src/web/build.ts";
import { startApi } from "../api/started.ts";

describe("contract §4: `GET /livez`, `GET /readyz` (no auth, no detail), `GET /` (the live page)", () => {
  test("the page is served with a policy that lets nothing in but what botel serves", async () => {
    const { get } = await startApi();
    const page = await get("/");
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toBe(
      "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self' data:;" +
        "font-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    );
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const html = await page.text();
    expect(html).not.toMatch(/https?:|\/\/[a-z]|style=|<script>|<style>/);
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(files).toHaveLength(3);
    for (const path of files) {
      const file = await get(path);
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(file.headers.get("x-content-type-options")).toBe("nosniff");
      expect(file.headers.get("content-type")).toMatch(/javascript|css|svg/);
      expect((await get(path, { method: "HEAD" })).status).toBe(200);
    }
  });

  test("what is not there is a 404 in the envelope, also above the folder", async () => {
    const { get } = await startApi();
    for (const path of ["/assets/none.js", "/assets/..%2findex.html", "/assets/__proto__", "/assets/"]) {
      const answer = await get(path);
      expect([path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([path, 404, "NOT_FOUND"]);
    }
    expect((await get("/", { method: "POST" })).status).toBe(405);
  });

  test("a client that takes no gzip gets plain text", async () => {
    const { get } = await startApi();
    const [zipped, plain] = [
      await get("/", { headers: { "Accept-Encoding": "gzip" } }),
      await get("/", { headers: { "Accept-Encoding": "identity" } }),
    ];
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(plain.headers.get("vary")).toBe("Accept-Encoding");
    expect(await zipped.text()).toBe(await plain.text());
  });
});

describe("the built page", () => {
  test(
    "is current: building it again gives the same files (`npm run page` makes them)",
    { timeout: 60_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "botel-page-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      await buildPage(folder);
      expect(contents(folder)).toEqual(contents(BUILT));
    },
  );

  test("takes at most 120 KB, zipped, in all", () => {
    const bytes = files(BUILT).reduce((sum, path) => sum + gzipSync(readFileSync(path)).byteLength, 0);
    expect(bytes).toBeLessThanOrEqual(120 * 1024);
  });
});

function files(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(files(folder).map((path) => [relative(folder, path), hash("sha256", readFileSync(path))]));
}
