import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";

const ROOT = join(import.meta.dirname, "../..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const ROWS = [...README.matchAll(/^\| `GET (\/api\/[^`]+)`[^|]*\| `(\{.*\})` \|$/gm)].map(([, path, json]) => ({
  path: String(path).split("?")[0],
  json: String(json),
}));

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

describe("README's answers", () => {
  test.each(ENDPOINTS.map(({ path }) => path))("%s is there", (path) => {
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, "[0-9a-f]{32}")}$`);
    expect(ROWS.map((row) => row.path).filter((shown) => pattern.test(shown ?? ""))).toHaveLength(1);
  });

  // One that is shortened by … is no JSON: the trace, which is long.
  test.each(ROWS.filter(({ json }) => !json.includes("…")))("$path is as the schema says", ({ path, json }) => {
    const endpoint = ENDPOINTS.find((each) => each.path === path);
    expect(endpoint?.data.safeParse(JSON.parse(json)).error?.issues).toBeUndefined();
  });
});

/** Code of a page, without its comments. */
function codeOf(page: string): string[] {
  return [...page.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code = ""]) => code.replace(/\s*# .*$/gm, "").trim());
}

/** Targets of its links within the repository. */
function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path]) => String(path));
}

describe("README in Chinese", () => {
  const chinese = readFileSync(join(ROOT, "README.zh.md"), "utf8");

  test("has every endpoint, and the same code", () => {
    for (const { path } of ENDPOINTS) expect(chinese).toContain(`\`GET ${path}\``);
    expect(codeOf(chinese)).toEqual(codeOf(README));
  });
});

test.each(["README.md", "README.zh.md", "examples/bots/README.md", ...pagesIn("docs")])(
  "%s: its links lead somewhere",
  (page) => {
    const from = join(ROOT, page, "..");
    const dead = linksOf(readFileSync(join(ROOT, page), "utf8")).filter((path) => !existsSync(join(from, path)));
    expect(dead).toEqual([]);
  },
);
