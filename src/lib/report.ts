import { writeSync } from "node:fs";

/**
 * Writes one line to standard error, at once: in a worker, `console` is mute while the main thread hangs. A closed or
 * full pipe is no reason to fail.
 */
export function report(line: string): void {
  try {
    writeSync(2, `botel: ${line}\n`);
  } catch {
    // nobody reads
  }
}
