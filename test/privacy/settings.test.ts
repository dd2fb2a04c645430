import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSettings, SettingsError } from "../../src/config/load.ts";
import { PATTERN_NAMES } from "../../src/lib/mask.ts";
import { privacyOf } from "../../src/privacy.ts";

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), "botel-privacy-"))));
afterEach(() => rmSync(cwd, { recursive: true }));

function load(yaml: string, env: Record<string, string> = {}) {
  writeFileSync(join(cwd, "my.yaml"), yaml);
  return loadSettings({ env: { BOTEL_CONFIG: "my.yaml", ...env }, cwd, ownProcess: true });
}

function problem(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env);
  } catch (error) {
    return (error as SettingsError).problems.join("\n");
  }
  return "";
}

describe("the settings of privacy", () => {
  test("take ids as YAML reads them: of digits alone as numbers, too", () => {
    const { privacy } = load('privacy: { excludeUsers: [10001, "007", u-1], excludeGroups: [987654321] }');
    expect(privacy).toMatchObject({ excludeUsers: ["10001", "007", "u-1"], excludeGroups: ["987654321"] });
  });

  test("take the key from the environment, and never quote it", () => {
    const { privacy } = load("privacy: { pseudonymise: true }", { BOTEL_PSEUDONYM_KEY: "0123456789abcdef" });
    expect(privacy.pseudonymKey).toBe("0123456789abcdef");
    const wrong = problem("privacy: { pseudonymise: true }", { BOTEL_PSEUDONYM_KEY: "too short" });
    expect(wrong).toMatch(/^privacy\.pseudonymKey \(BOTEL_PSEUDONYM_KEY\): /);
    expect(wrong).not.toContain("too short");
  });

  test("want one key for all instances of a cluster", () => {
    const cluster = 'store: { kind: clickhouse, clickhouse: { urls: ["http://a:8123"] } }\n';
    expect(problem(`${cluster}privacy: { pseudonymise: true }`)).toContain(
      "all instances of a cluster need the same one",
    );
    expect(problem(`${cluster}privacy: { pseudonymise: true, pseudonymKey: 0123456789abcdefg }`)).toBe("");
    expect(problem(cluster)).toBe("");
  });

  test("make a key in the folder of the data only where pseudonyms are wanted", () => {
    expect(privacyOf(load(""), cwd)).toEqual({ excludeUsers: [], excludeGroups: [] });
    const { pseudonymOf } = privacyOf(load("privacy: { pseudonymise: true }"), cwd);
    const again = privacyOf(load("privacy: { pseudonymise: true }"), cwd).pseudonymOf;
    expect(pseudonymOf?.("user", "10001")).toBe(again?.("user", "10001"));
    expect(readFileSync(join(cwd, "pseudonym.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  });

  test("refuse a pattern that there is not", () => {
    expect(problem("instrument: { content: { redactPatterns: [emails, faces] } }")).toContain("redactPatterns.1");
  });
});

describe("docs/privacy.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/privacy.md"), "utf8");

  test("has every pattern, and all are on by default", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| /gm)].map(([, name]) => name);
    expect(rows).toEqual(PATTERN_NAMES);
    expect(load("").instrument.content.redactPatterns).toEqual(PATTERN_NAMES);
  });

  test("says how long things are kept as the settings do", () => {
    const rows = [...page.matchAll(/\| (\d+) \| `store\.retention\.(\w+)` \|$/gm)];
    expect(Object.fromEntries(rows.map(([, days, name]) => [name, Number(days)]))).toEqual(load("").store.retention);
  });
});
