import { basename } from "node:path";
import { afterAll } from "vitest";
import { state } from "../oracle/makers.ts";
import { data } from "../started/ask.ts";
import { keepFacts, type StartedBot } from "../started/started.ts";
import { until } from "../started/until.ts";
import { startCluster } from "./clickhouse.ts";

/**
 * The tests of the contract again, of bots whose facts are in a cluster: one database for each data folder, as the folder
 * would hold them.
 */
const cluster = await startCluster(2);
// Registered first, it is the last to be called.
afterAll(() => cluster.stop());

let marks = 0;

/** Answers are up to 2 s behind what is stored (contract §3). What is announced after it is seen after it. */
async function shown(bot: StartedBot): Promise<void> {
  const mark = `mark ${(marks += 1)}`;
  await bot.feed([state("bot.inventory", { "bot.id": "mark", "bot.features": [mark] })]);
  await until(
    () => data<{ features: Record<string, boolean> }>(bot.url, "/api/system/info"),
    ({ features }) => (features[mark] === true ? undefined : `${mark} is not seen`),
    20_000,
  );
}

keepFacts({
  store: (dataDir) => {
    const database = `contract_${basename(dataDir).replaceAll(/\W/g, "_")}`;
    return { kind: "clickhouse", clickhouse: { urls: cluster.urls, database } };
  },
  shown,
});

await import("../contract/facts.test.ts");
await import("../contract/logs.test.ts");
await import("../contract/stats.test.ts");
await import("../contract/states.test.ts");
await import("../contract/turns.test.ts");
