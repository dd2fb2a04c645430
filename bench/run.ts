// `npm run bench NAME [options]`: each bench is a file beside this one; without a name, they are listed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const BENCHES = [
  "overhead",
  "store",
  "queries",
  "footprint",
  "ingest",
  "rollups",
  "scrape",
  "sse",
  "cluster",
  "import",
];

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !BENCHES.includes(name)) {
  for (const bench of BENCHES) {
    const [first] = readFileSync(join(import.meta.dirname, `${bench}.ts`), "utf8").split("\n");
    console.log(`${bench.padEnd(10)} ${first?.replace(/^\/\/ |^\/\*\* | \*\/$/g, "")}`);
  }
  process.exitCode = name === undefined ? 0 : 2;
} else {
  process.argv.splice(2, process.argv.length, ...args);
  const bench = (await import(`./${name}.ts`)) as { run?: (args: string[]) => unknown };
  // A bench that is a module of its own, too, is told here what it was asked.
  await bench.run?.(args);
}
