import { createTrouble } from "../lib/trouble.ts";

const HUNG =
  "the bot's thread has not turned for 5 s: SIGTERM cannot reach it, only SIGKILL ends the process; " +
  "what is stored is safe, and the API goes on";

/**
 * Says when the bot's own thread hangs, and when it turns again; to be called once a second.
 *
 * Twice in a row before it is said: a process that was stopped and goes on has an old beat for a moment.
 */
export function createHungWatch(isHung: () => boolean, report: (line: string) => void): () => void {
  const hung = createTrouble(report, "the bot's thread turns again");
  let times = 0;
  return () => {
    times = isHung() ? times + 1 : 0;
    if (times > 1) hung.met(HUNG);
    else if (times === 0) hung.over();
  };
}
