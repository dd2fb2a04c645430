import { environment } from "../config/environment.ts";
import type { Command } from "./command.ts";

export const verify: Command = {
  name: "verify",
  summary: "folds the stored facts again, and compares them with totals, JSON and /metrics; reads only",
  help: "A running botel that needs a token is asked with BOTEL_TOKEN.\nExit codes: 0 all is equal, 1 something differs or failed, 2 there is nothing to verify.",
  async run({ settings, print }) {
    // Only now: a server's start does not wait for what it never needs.
    const { verify: verifyStored } = await import("../verify.ts");
    return verifyStored(settings, print, environment().BOTEL_TOKEN);
  },
};
