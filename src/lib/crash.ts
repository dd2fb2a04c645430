/**
 * Ends this thread as an error of its own does, or as it ends when it needs more memory than it may have: what comes then
 * is tested by it.
 */
export function crash(of: "error" | "memory"): void {
  if (of === "error") throw new Error("it was told to crash");
  const held: unknown[] = [];
  for (;;) held.push(Array.from({ length: 100_000 }, (_, n) => ({ n })));
}
