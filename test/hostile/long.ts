// The long run of hostile requests: `node test/hostile/long.ts [--count 200000] [--seed N] [--token] > test/hostile/long.txt`
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startServe, cleanUp, temporary } from "../started/started.ts";
import { attack, BATCH } from "./attack.ts";
import { PANEL } from "./requests.ts";
import { slope, warm } from "./soak/slope.ts";

/** A leak of 200 bytes a request would show. */
const GROWTH_MB = 2;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "200000" },
    seed: { type: "string", default: "20261125" },
    token: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
console.log(
  `commit ${commit}, Node ${process.version}, ${count} requests${values.token ? " with a token, or a wrong one" : ""}, seed ${seed}`,
);

const token = values.token ? `hostile-${randomBytes(24).toString("hex")}` : undefined;
const env = { BOTEL_RATE_LIMIT: "0", ...(token !== undefined && { BOTEL_TOKEN: token }) };
const botel = await startServe({ dataDir: temporary(), config: "panel: { enabled: true }\n", env });
const began = performance.now();
const found = await attack({ url: botel.url, pid: botel.pid, count, seed, more: PANEL, token, progress: tell });
console.log(
  `${found.sent} sent in ${Math.round((performance.now() - began) / 1000)} s, ${found.garbage} of them no request`,
);
console.log(`answers: ${JSON.stringify(found.statuses)}`);
const growth = slope(warm(found.rssMb.map((y, n) => ({ x: n * BATCH, y })))) * 10_000;
console.log(`RSS after warm-up: ${growth.toFixed(2)} MB for 10,000 requests (at most ${GROWTH_MB})`);
console.log(`wrong: ${found.wrong.length}`);
for (const line of found.wrong) console.log(line);
console.log(botel.output());
const code = await botel.stop();
console.log(`botel ended with ${code}`);
await cleanUp();
if (found.wrong.length > 0 || growth > GROWTH_MB || code !== 0) process.exitCode = 1;

function tell({ sent, rssMb }: { sent: number; rssMb: number[] }): void {
  if (sent % 10_000 === 0 || sent === count) console.log(`${sent} sent, RSS ${rssMb.at(-1)?.toFixed(0)} MB`);
}
