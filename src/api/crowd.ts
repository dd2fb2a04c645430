import type { Clock } from "../lib/clock.ts";
import { createTrouble } from "../lib/trouble.ts";

/** A crowd that did not come for so long is told again when it does, in ms. */
const CALM_MS = 60_000;

/** Says that there are more connections than may be; `tick` is to be called once a second. */
export function createCrowd(maxConnections: number, clock: Pick<Clock, "mono">, report: (line: string) => void) {
  const crowd = createTrouble(report);
  let droppedAt = -Infinity;
  return {
    dropped(): void {
      droppedAt = clock.mono();
      crowd.met(
        `${maxConnections} connections are open, and more are closed at once: ` +
          "that is server.maxConnections, or what the limit of open files (ulimit -n) leaves",
      );
    },
    tick(): void {
      if (clock.mono() - droppedAt > CALM_MS) crowd.over();
    },
  };
}
