import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSettings, refuseOpenHost, SettingsError } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/settings.ts";

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), "botel-config-"))));
afterEach(() => rmSync(cwd, { recursive: true }));

function load(env: Record<string, string>, ownProcess = true) {
  return loadSettings({ env, cwd, ownProcess });
}

function problems(env: Record<string, string>, check: (settings: Settings) => void = () => {}): readonly string[] {
  try {
    check(load(env));
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe("settings", () => {
  // contract §7: "`config/default.yaml` documents every setting and runs as it is."
  it("are the documented defaults where nothing is set", () => {
    expect(load({})).toMatchObject({ server: { host: "127.0.0.1", port: 3000 }, dataDir: join(cwd, "data") });
  });

  // contract §7: "Read in this order, the last wins: it, the file named by `BOTEL_CONFIG`, the environment"
  it("come from the defaults, then the user's file, then the environment", () => {
    writeFileSync(join(cwd, "my.yaml"), "server: { port: 4000 }\ntimeZone: Asia/Tokyo\n");
    const settings = load({ BOTEL_CONFIG: "my.yaml", BOTEL_TIME_ZONE: "Asia/Kathmandu" });
    expect(settings.server).toMatchObject({ host: "127.0.0.1", port: 4000 });
    expect(settings.timeZone).toBe("Asia/Kathmandu");
  });

  // contract §7: "`BOTEL_PORT`, else for botel's own commands `PORT` (3000)"
  it("take PORT for botel's own commands only, and BOTEL_PORT before it", () => {
    expect(load({ PORT: "4000" }).server.port).toBe(4000);
    expect(load({ PORT: "4000" }, false).server.port).toBe(3000);
    expect(load({ PORT: "4000", BOTEL_PORT: "5000" }).server.port).toBe(5000);
  });

  it("name everything that is wrong at once, with its place and value", () => {
    writeFileSync(join(cwd, "my.yaml"), "server: { prot: 1 }\nstore: { maxBytes: -1 }\n");
    const lines = problems({ BOTEL_CONFIG: "my.yaml", BOTEL_PORT: "http", BOTEL_DEMO: "yes" });
    expect(lines).toHaveLength(4);
    expect(lines.join("\n")).toMatch(/server\.prot \(my\.yaml\): there is no such setting/);
    expect(lines.join("\n")).toMatch(/store\.maxBytes \(my\.yaml\): .*; it is -1/);
    expect(lines.join("\n")).toMatch(/server\.port \(BOTEL_PORT\): .*; it is "http"/);
    expect(lines.join("\n")).toMatch(/demo\.enabled \(BOTEL_DEMO\): .*; it is "yes"/);
  });

  it("never quote a secret", () => {
    writeFileSync(join(cwd, "my.yaml"), "bot: { onebot: { accessToken: [hush] } }\n");
    const lines = problems({ BOTEL_CONFIG: "my.yaml" });
    expect(lines[0]).toMatch(/^bot\.onebot\.accessToken/);
    expect(lines.join()).not.toContain("hush");
  });

  it("say where a file is no YAML or is missing", () => {
    writeFileSync(join(cwd, "my.yaml"), "server: [");
    expect(problems({ BOTEL_CONFIG: "my.yaml" })[0]).toMatch(/^my\.yaml: /);
    expect(problems({ BOTEL_CONFIG: "none.yaml" })[0]).toMatch(/^none\.yaml: ENOENT/);
  });

  // contract §6: "asked to listen wider without a token, it refuses to start."
  it("refuse an address that other machines reach, as long as there is no token", () => {
    const refused = (env: Record<string, string>) => problems(env, refuseOpenHost);
    for (const BOTEL_HOST of ["0.0.0.0", "::", "10.1.2.3", "botel.example"]) {
      expect(refused({ BOTEL_HOST })).toEqual([
        expect.stringMatching(/^server\.host: .* is reached from other machines/),
      ]);
      expect(refused({ BOTEL_HOST, BOTEL_TOKEN: "x" })).toEqual([]);
    }
    for (const BOTEL_HOST of ["localhost", "127.0.0.2", "::1"]) expect(refused({ BOTEL_HOST })).toEqual([]);
    writeFileSync(join(cwd, "tokens.json"), "{");
    expect(refused({ BOTEL_DATA_DIR: "." })).toEqual([
      expect.stringMatching(/^access\.tokenFile: .*is no file of tokens/),
    ]);
    const row = { name: "a", scopes: ["read"], sha256: "0".repeat(64) };
    writeFileSync(join(cwd, "tokens.json"), JSON.stringify({ tokens: [row] }));
    expect(refused({ BOTEL_HOST: "0.0.0.0", BOTEL_DATA_DIR: "." })).toEqual([]);
  });

  // contract §6: "kept hashed; from the environment or a file, never from a URL"
  it("hold BOTEL_TOKEN as a hash only, and never quote it", () => {
    const { access } = load({ BOTEL_TOKEN: "correct-horse" });
    expect(access.environmentToken).toBe("9dca666eb54730714630d1519264a7bf1eeaad00b8f2edc90d3ecbfad928d163");
    expect(JSON.stringify(load({ BOTEL_TOKEN: "correct-horse" }))).not.toContain("horse");
    for (const BOTEL_TOKEN of ["two words", "a;b", "a,b", 'a"b', "a\\b", "ü", "x".repeat(513)]) {
      expect(problems({ BOTEL_TOKEN })).toEqual([expect.stringMatching(/^BOTEL_TOKEN: takes up to 512/)]);
    }
  });

  it("refuse origins, names and networks that are none", () => {
    const access = { origins: ["https://a.example/"], hosts: ["a:80"], trustedProxies: ["10.0.0.0/33"] };
    writeFileSync(join(cwd, "my.yaml"), JSON.stringify({ access }));
    expect(problems({ BOTEL_CONFIG: "my.yaml" })).toHaveLength(3);
  });

  it("cannot be changed afterwards", () => {
    const settings = load({});
    expect(() => Object.assign(settings.server, { port: 1 })).toThrow(TypeError);
  });
});
