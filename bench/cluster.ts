// Ingest and answers with ClickHouse (Debian's, two servers as two shards on this machine): facts a second through one and
// three instances beside a bare insert of the same rows, then answers at five million facts.
// `node bench/cluster.ts [--requests 150] [--pairs 3] [--facts 5000000] [--questions 300] [--only ingest|answers]`
import { parseArgs } from "node:util";
import { startCluster } from "../test/cluster/clickhouse.ts";
import { cleanUp } from "../test/started/started.ts";
import { answers } from "./cluster-answers.ts";
import { ingest } from "./cluster-ingest.ts";

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: "string", default: "150" },
      pairs: { type: "string", default: "3" },
      facts: { type: "string", default: "5000000" },
      questions: { type: "string", default: "300" },
      only: { type: "string" },
    },
  });
  const cluster = await startCluster(2);
  try {
    if (values.only !== "answers") await ingest(cluster, Number(values.requests), Number(values.pairs));
    if (values.only !== "ingest") await answers(cluster, Number(values.facts), Number(values.questions));
  } finally {
    await cleanUp();
    await cluster.stop();
  }
}

if (import.meta.main) await run(process.argv.slice(2));
