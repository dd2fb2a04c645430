import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until an answer is fit: tests wait for conditions and never for a while.
 *
 * @param ask what it throws counts as not yet
 * @param wrong says what is wrong with the answer, undefined where nothing is
 * @throws Error with what was wrong the last time
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  wrong: (answer: T) => string | undefined,
  withinMs: number,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let why: string | undefined;
    try {
      const answer = await ask();
      why = wrong(answer);
      if (why === undefined) return answer;
    } catch (error) {
      why = String(error);
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${why}`);
    await sleep(20);
  }
}
