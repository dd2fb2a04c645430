// The long soak: `node test/hostile/soak/long.ts [--minutes 20] [--warmUp 16] > test/hostile/soak/long.txt`
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { cleanUp, startServe, temporary } from "../../started/started.ts";
import { described, soak } from "./soak.ts";
import { quantile, slope } from "./slope.ts";

const P99_MS = 20;
/** Of a slow leak, 1 MB a minute would be 1.4 GB a day. */
const GROWTH_MB = 0.5;
// What joins by trace need is kept for 15 minutes: until then there is more of it each minute.
const options = { minutes: { type: "string", default: "20" }, warmUp: { type: "string", default: "16" } } as const;
const { values } = parseArgs({ options });
const [seconds, warmUp] = [Number(values.minutes) * 60, Number(values.warmUp) * 60];
const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
console.log(`commit ${commit}, Node ${process.version}, ${seconds} s after a warm-up of ${warmUp} s`);

const botel = await startServe({ dataDir: temporary(), zone: "UTC", env: { BOTEL_RATE_LIMIT: "0" } });
const soaked = await soak({ ...botel, seconds: warmUp + seconds, progress: each(6) });
for (const line of described(soaked)) console.log(line);
const growth = slope(soaked.rss.filter(({ x }) => x > warmUp)) * 60;
const p99 = quantile(soaked.queries, 0.99);
say(`RSS after warm-up: ${growth.toFixed(2)} MB a minute`, growth <= GROWTH_MB, `at most ${GROWTH_MB}`);
say(`p99 of queries: ${p99.toFixed(1)} ms`, p99 <= P99_MS, `at most ${P99_MS}`);
say(`wrong: ${soaked.wrong.length}`, soaked.wrong.length === 0, "none");
for (const line of soaked.wrong) console.log(line);
console.log(botel.output());
say(`botel ended with ${await botel.stop()}`, true, "0");
await cleanUp();

function say(what: string, isGood: boolean, bound: string): void {
  console.log(`${isGood ? "ok  " : "FAIL"} ${what} (${bound})`);
  if (!isGood) process.exitCode = 1;
}

function each(nth: number): (line: string) => void {
  let told = 0;
  return (line) => {
    if ((told += 1) % nth === 0) console.log(line);
  };
}
