// `npm run check`: types, lint, format, layers, dead code, known weaknesses. Every check runs, and all that fail are told.
import { spawnSync } from "node:child_process";

const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ["types", "tsc", "-p", "."],
  ["types of the page", "tsc", "-p", "src/web"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format", "oxfmt", "--check"],
  ["layers", "depcruise", "src", "--config", ".dependency-cruiser.mjs"],
  ["dead code", "knip"],
  ["known weaknesses", process.execPath, "test/audit.ts"],
];

const failed = CHECKS.filter(([name, command, ...args]) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  const said = `${stdout}${stderr}`;
  if (status !== 0 || name === "known weaknesses") console.log(said);
  return status !== 0;
}).map(([name]) => name);

if (failed.length > 0) {
  console.log(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
