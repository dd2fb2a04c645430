// Part of `npm run check`: no dependency has a known weakness, but for those that `house/audit-exceptions.json` gives a
// reason for. A registry that does not answer is told and fails nothing: only findings do.
import { spawnSync } from "node:child_process";
import exceptions from "./house/audit-exceptions.json" with { type: "json" };
import { audited } from "./house/audited.ts";

const args = ["audit", "--json", "--fetch-retries=1", "--fetch-timeout=20000"];
const { stdout, stderr } = spawnSync("npm", args, { encoding: "utf8", timeout: 60_000, maxBuffer: 1e8 });
const { isReached, findings, outdated } = audited(stdout, exceptions);
if (!isReached) console.log(`the registry did not answer npm audit, so nothing is known: ${reasonIn(stderr)}`);
for (const finding of findings) console.log(finding);
for (const id of outdated) console.log(`${id} is not found any more: take its exception out`);
if (findings.length + outdated.length > 0) process.exitCode = 1;

function reasonIn(text: string): string {
  return /npm (?:warn audit|error) (.+)/.exec(text)?.[1] ?? "no reason was given";
}
