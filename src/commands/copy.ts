import { report } from "../lib/report.ts";
import type { Asked, Command } from "./command.ts";

export const copy: Command = {
  name: "copy",
  summary: "moves all that botel.db holds to the ClickHouse cluster, when one machine is outgrown",
  help: `botel copy --from sqlite --to clickhouse

It reads the data folder (BOTEL_DATA_DIR) and writes to store.clickhouse.urls, whatever store.kind is. Stop the botel that
writes in the folder before, or run it once more after. It can be stopped, and goes on where it was; what is copied twice
is one. At the end every fact is looked up in the cluster; botel verify compares the totals.

Exit codes: 0 all is there, 1 something is missing or failed, 2 for what was asked wrongly.`,
  options: { from: { type: "string" }, to: { type: "string" } },
  async run({ options, settings, print }: Asked) {
    if (options["from"] !== "sqlite" || options["to"] !== "clickhouse") {
      report("copy takes --from sqlite --to clickhouse; botel copy --help says more");
      return 2;
    }
    if (settings.store.clickhouse.urls.length === 0) {
      report("store.clickhouse.urls is empty: name the servers of the cluster");
      return 2;
    }
    const { copyToCluster } = await import("../copy.ts");
    const { facts, found, spans, names, sealedDays } = await copyToCluster(settings, createBar(print));
    print(`${facts} facts, ${spans} spans, ${names} names and ${sealedDays} days without facts are copied`);
    if (found === facts) {
      print("every fact is in the cluster");
      return 0;
    }
    print(`${facts - found} facts are missing in the cluster: run it again`);
    return 1;
  },
};

const WIDTH = 40;

/** A bar in a terminal; elsewhere a line every tenth. */
function createBar(print: (line: string) => void) {
  const { stderr } = process;
  let [last, tenth] = ["", 0];
  return (what: string, done: number, of: number): void => {
    const share = of === 0 ? 1 : done / of;
    if (what !== last) [last, tenth] = [what, 0];
    if (stderr.isTTY) {
      const full = Math.round(share * WIDTH);
      const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${Math.floor(share * 100)} % ${what}`;
      stderr.write(`\r${bar.padEnd(WIDTH + 20)}${share === 1 ? "\n" : ""}`);
    } else if (Math.floor(share * 10) > tenth) {
      tenth = Math.floor(share * 10);
      print(`${tenth * 10} % ${what}`);
    }
  };
}
