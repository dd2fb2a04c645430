import { environment } from "../config/environment.ts";
import type { Whom } from "../contract/thread.ts";
import { report } from "../lib/report.ts";
import type { Asked, Command } from "./command.ts";

export const forget: Command = {
  name: "forget",
  summary: "erases a user or a group; sums and distinct counts stay",
  help: `  botel forget --user ID
  botel forget --group ID

A tombstone takes the place of the id in every fact and every total; names, log lines, errors, arguments and results are erased,
from the file too. A botel that runs on the configured port does it while it works, for BOTEL_TOKEN with the scope admin; where
none runs, it is done in the data folder. Stop all instances of a cluster before. What is interrupted is gone on with by the
next start. docs/privacy.md says the rest.
Exit codes: 0 it is done, 1 what failed or is not all done, 2 what was asked wrongly, or there are no data.`,
  options: { user: { type: "string" }, group: { type: "string" } },
  async run({ options, settings, print }) {
    const whom = whomOf(options);
    if (whom === undefined) {
      report("forget takes --user ID or --group ID; botel forget --help says more");
      return 2;
    }
    const { forgetSomebody } = await import("../forget.ts");
    return forgetSomebody(settings, whom, { print, token: environment().BOTEL_TOKEN });
  },
};

function whomOf({ user, group }: Asked["options"]): Whom | undefined {
  if (typeof user === "string" && user !== "" && group === undefined) return { owner: "user", id: user };
  if (typeof group === "string" && group !== "" && user === undefined) return { owner: "group", id: group };
  return undefined;
}
