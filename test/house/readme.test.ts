import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../src/api/api.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const ROWS = [...README.matchAll(/^\| `GET (\/api\/[^`]+)`[^|]*\| `(\{.*\})` \|$/gm)].map(([, path, json]) => ({
  path: String(path).split("?")[0],
  json: String(json),
}));

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
