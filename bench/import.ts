// `import … from "botel"` out of the built package, beside OpenTelemetry's SDK and a bare Node: CPU time, and memory
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..");
const ROUNDS = 9;

const IMPORTS = {
  bare: "",
  sdk: `await import("@opentelemetry/sdk-node");`,
  botel: `await import(${JSON.stringify(pathToFileURL(join(ROOT, "dist/index.js")).href)});`,
  ai: `await import(${JSON.stringify(pathToFileURL(join(ROOT, "dist/ai.js")).href)});`,
  instrumentations: `await import(${JSON.stringify(pathToFileURL(join(ROOT, "dist/instrument/instrumentations.js")).href)});`,
};

type Name = keyof typeof IMPORTS;

interface Cost {
  /** CPU of the process, all its threads: on a busy machine the wall clock says little. */
  ms: number;
  /** Resident memory. */
  mb: number;
}

execFileSync(process.execPath, ["build.ts"], { cwd: ROOT, stdio: "inherit" });

const costs = Object.fromEntries(Object.keys(IMPORTS).map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of Object.keys(IMPORTS) as Name[]) costs[name].push(measure(IMPORTS[name]));
}
for (const [name, all] of Object.entries(costs)) {
  console.log(
    `${name.padEnd(17)} ${median(all, "ms").toFixed(0).padStart(5)} ms ${median(all, "mb").toFixed(1).padStart(7)} MB`,
  );
}
const more = (what: keyof Cost): number => median(costs.botel, what) - median(costs.sdk, what);
console.log(`botel above the SDK: ${more("ms").toFixed(0)} ms (150), ${more("mb").toFixed(1)} MB (30)`);

function measure(code: string): Cost {
  const script = `const began = process.cpuUsage(); ${code}
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    console.log(JSON.stringify({ ms, mb: process.memoryUsage.rss() / 2 ** 20 }));`;
  const args = ["--input-type=module", "-e", script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" })) as Cost;
}

function median(all: Cost[], what: keyof Cost): number {
  return all.map((cost) => cost[what]).toSorted((a, b) => a - b)[all.length >> 1]!;
}
