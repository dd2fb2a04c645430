// `npm test`: installs what is missing, runs the whole suite on this Node (26), then the part without browser and
// services on Node 24, and closes with what failed and one line of counts. `npm test -- test/store` runs a part, on this Node only.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installComponents } from "./components.ts";

// What the npm package `node` itself installs; on Windows the platform is called `win`.
const NODE_24 = `node-${process.platform.replace("win32", "win")}-${process.arch}`;
const NODE_24_VERSION = "24.21.0";
/** Not on Node 24: they start services, or whole processes by `npm start`, which runs on the Node of the lock file. */
const SERVICES = [
  "test/started/**",
  "test/cluster/**",
  "test/services/**",
  "test/hostile/**",
  "test/platforms/**",
  "test/house/**",
  "test/package/**", // installs the package, and runs it on both
  "test/faults/**",
  "test/dialects/**",
  "test/ingest/processes/**",
  "test/web/**",
  "test/grafana/**",
];

const scratch = mkdtempSync(join(tmpdir(), "botel-test-"));
const counts = { passed: 0, failed: 0 };
/** Said again at the very end: a log that is kept is often cut to its tail. */
const failures: string[] = [];

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

try {
  installComponents();
  const parts = process.argv.slice(2);
  suite("Node 26", process.execPath, parts);
  if (parts.length === 0) {
    suite(
      "Node 24",
      installNode24(),
      SERVICES.flatMap((glob) => ["--exclude", glob]),
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  counts.failed += 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const failure of failures) console.log(failure);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function suite(name: string, node: string, args: string[]): void {
  console.log(`\n== ${name}: ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()}`);
  const report = join(scratch, `${name.replace(" ", "-")}.json`);
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json"];
  const { status } = spawnSync(node, [...vitest, `--outputFile.json=${report}`, ...args], { stdio: "inherit" });
  const said: Report = JSON.parse(readFileSync(report, "utf8"));
  counts.passed += said.numPassedTests;
  // A file that does not load, or an unhandled rejection, fails the run and no test.
  counts.failed += status === 0 ? 0 : Math.max(1, said.numFailedTests);
  for (const file of said.testResults) {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    for (const test of failed) tell(`${name} ${file.name}: ${test.fullName}`, test.failureMessages.join("\n"));
    if (file.status === "failed" && failed.length === 0) tell(`${name} ${file.name}`, file.message);
  }
}

function tell(what: string, why: string): void {
  failures.push(`FAILED ${what}\n${why.slice(0, 2_000)}`);
}

function installNode24(): string {
  const name = `${NODE_24}@${NODE_24_VERSION}`;
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", scratch, name];
  const { status, stdout, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`npm could not install ${name}:\n${stdout}${stderr}`);
  return join(scratch, "node_modules", NODE_24, "bin/node");
}
