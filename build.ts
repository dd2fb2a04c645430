// `npm run build`, and before `npm pack`: the package's `dist/`. Types are checked by `npm run check`, not here.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = import.meta.dirname;
const DIST = join(ROOT, "dist");
/** What a user can import; declarations that none of them leads to are left out. */
const ENTRIES = ["index.d.ts", "register.d.ts", "ai.d.ts"];

/** An import of a file beside it, in a declaration: tsc leaves its ending as it is. */
const OWN_IMPORT = /(["'])(\.{1,2}\/[^"']+)\.ts\1/g;

rmSync(DIST, { recursive: true, force: true });
compile();
cpSync(join(ROOT, "src/web/built"), join(DIST, "web/built"), { recursive: true });
keepPublicTypes();

function compile(): void {
  const tsc = join(dirname(fileURLToPath(import.meta.resolve("typescript/package.json"))), "bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new Error("tsc failed");
}

function keepPublicTypes(): void {
  const kept = new Set<string>();
  const due = ENTRIES.map((name) => join(DIST, name));
  for (let file = due.pop(); file !== undefined; file = due.pop()) {
    if (kept.has(file)) continue;
    kept.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, , path] of text.matchAll(OWN_IMPORT)) due.push(join(dirname(file), `${path}.d.ts`));
    writeFileSync(file, text.replaceAll(OWN_IMPORT, "$1$2.js$1"));
  }
  for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
    const file = join(DIST, name);
    if (/\.d\.m?ts$/.test(name) && !kept.has(file)) rmSync(file);
  }
}
