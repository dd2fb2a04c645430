import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committed, installed, lockAt, packageAt } from "./packages.ts";

const EXACT = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;
const ROOT = join(import.meta.dirname, "../..");

interface Component {
  name: string;
  version: string;
  hashes?: { alg: string }[];
  properties?: { name: string; value: string }[];
}

const DEVELOPMENT = { name: "cdx:npm:package:development", value: "true" };

describe("issue 8: Supply chain: exact versions, lock file", () => {
  test.each(committed("package.json"))("%s names one version of each dependency", (path) => {
    const { dependencies, devDependencies } = packageAt(path);
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !EXACT.test(version));
    expect(loose).toEqual([]);
  });

  test.each(committed("package-lock.json"))("%s holds a hash of each package and the address of none", (path) => {
    const packages = installed(path);
    expect(packages.length).toBeGreaterThan(50);
    expect(packages.filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true)).toEqual([]);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test("the lock file is of this package.json", () => {
    const { dependencies, devDependencies } = packageAt("package.json");
    expect(lockAt("package-lock.json").get("")).toMatchObject({ dependencies, devDependencies });
  });

  test("of each package with an install script it was decided whether it may run", () => {
    const scripted = installed("package-lock.json").filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = new Set(scripted.map(([place]) => place.slice(place.lastIndexOf("node_modules/") + 13)));
    expect([...names].sort()).toEqual(Object.keys(packageAt("package.json").allowScripts ?? {}).sort());
  });

  // Not `--omit dev`: npm 11 then leaves out what a tool needs, too, as zod.
  test("`npm run sbom` lists what botel runs with and its tools, told apart, each with its hash", () => {
    const text = execFileSync("npm", ["run", "--silent", "sbom"], { cwd: ROOT, encoding: "utf8", maxBuffer: 1e8 });
    const { bomFormat, components } = JSON.parse(text) as { bomFormat: string; components: Component[] };
    expect(bomFormat).toBe("CycloneDX");
    const byName = new Map(components.map((component) => [`${component.name}@${component.version}`, component]));
    const { dependencies = {}, devDependencies = {} } = packageAt("package.json");
    for (const [name, version] of Object.entries(dependencies)) {
      expect(byName.get(`${name}@${version}`)?.properties).not.toContainEqual(DEVELOPMENT);
      expect(byName.keys()).toContain(`${name}@${version}`);
    }
    expect(byName.get(`vitest@${devDependencies["vitest"]}`)?.properties).toContainEqual(DEVELOPMENT);
    const run = components.filter(({ properties = [] }) => !properties.some(({ name }) => name === DEVELOPMENT.name));
    expect(run.length).toBeGreaterThan(Object.keys(dependencies).length);
    expect(run.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === "SHA-512"))).toEqual([]);
  });
});
