import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadSettings } from "../../src/config/load.ts";

/** The manifests of examples/kubernetes, held against the types that are made from Kubernetes' own API description. */

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "examples/kubernetes");
/** In this project, so that the compiler finds the types. */
const scratch = mkdtempSync(join(ROOT, "node_modules/.botel-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

const manifests = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".yaml"))
  .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), "utf8")))
  .map((document) => document.toJS() as Manifest);

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a caller knows of it
function manifest<T>(kind: string): T {
  return manifests.find((one) => one.kind === kind) as T;
}

/** What the compiler says of the objects as literals of their types: unknown and missing fields, and values of a wrong type. */
function problems(objects: readonly Manifest[]): string {
  const lines = objects.map((object, n) => {
    const group = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
    const type = `import("kubernetes-types/${group}").${object.kind}`;
    return `export const object${n}: ${type} = ${JSON.stringify(object, undefined, 1)};`;
  });
  const file = join(scratch, "objects.ts");
  writeFileSync(file, lines.join("\n"));
  const args = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    file,
  ];
  return spawnSync("tsc", args, { encoding: "utf8", cwd: scratch }).stdout;
}

describe("the Kubernetes manifests", () => {
  test("are objects that Kubernetes knows, with no other field", () => {
    expect(manifests.length).toBeGreaterThan(3);
    expect(problems(manifests)).toBe("");
  });

  test("would be told from ones that it does not know", () => {
    const { spec, ...rest } = manifest<Manifest & { spec: object }>("Deployment");
    expect(problems([{ ...rest, spec: { ...spec, replica: 3 } } as Manifest])).toContain("replica");
    expect(problems([{ ...rest, spec: { ...spec, replicas: "3" } } as Manifest])).toContain(
      "assignable to type 'number'",
    );
    expect(problems([{ ...rest, spec: {} } as Manifest])).toContain("template");
  });

  test("hold settings that botel takes", () => {
    const { stringData } = manifest<{ stringData: Record<string, string> }>("Secret");
    const file = join(scratch, "botel.yaml");
    writeFileSync(file, stringData["botel.yaml"]!);
    const env = { BOTEL_CONFIG: file, BOTEL_TOKEN: "x".repeat(40) };
    const { server, store } = loadSettings({ env, cwd: scratch, ownProcess: true });
    expect(server.host).toBe("0.0.0.0");
    expect(store.kind).toBe("clickhouse");
  });
});
