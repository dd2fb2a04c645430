import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export interface Package {
  name?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
}

/** One entry of a lock file. */
export interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  /** A workspace of this repository. */
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Paths of the committed files with this name. */
export function committed(name: string): string[] {
  const listed = execFileSync("git", ["ls-files", name, `**/${name}`], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\n").filter((path) => path !== "");
}

export function packageAt(path: string): Package {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Package;
}

/** Entries of a lock file by their place under `node_modules`; "" is the package itself. */
export function lockAt(path: string): Map<string, Locked> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as { packages: Record<string, Locked> };
  return new Map(Object.entries(packages));
}

/** Those that come from a registry: neither the package itself nor a workspace. */
export function installed(path: string): [place: string, locked: Locked][] {
  return [...lockAt(path)].filter(([place, { link }]) => place.includes("node_modules/") && link !== true);
}
