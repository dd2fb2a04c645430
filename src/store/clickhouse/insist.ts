/** Does some work again and again until it is done. */
export type Insist = <Result>(work: () => Promise<Result>) => Promise<Result>;

const FIRST_MS = 100;
const LAST_MS = 1000;

/**
 * @param stopped the work is given up from then on
 * @param failed hears of each failure
 */
export function createInsist(stopped: AbortSignal, failed: (error: unknown) => void): Insist {
  return async (work) => {
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(LAST_MS, waitMs * 2)) {
      try {
        return await work();
      } catch (error) {
        if (stopped.aborted) throw error;
        failed(error);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  };
}
