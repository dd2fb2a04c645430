import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const HERE = import.meta.dirname;
/** The lock that the installed packages are of. */
const DONE = join(HERE, "node_modules/.installed-lock.json");

/**
 * Installs the instrumentations as their lock says, where they are not; this is not the installation of botel's own
 * packages, whose versions they would be in the way of.
 *
 * @throws {Error} with what npm said
 */
export function installPackages(): void {
  const lock = readFileSync(join(HERE, "package-lock.json"), "utf8");
  if (textOf(DONE) === lock) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: HERE, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ci failed in ${HERE}:\n${stdout}${stderr}`);
  writeFileSync(DONE, lock);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
