/** More than so many times what is usual towers over the others. */
const TOWERING = 12;
/** Then the axis ends at so many times what is usual. */
const SHOWN = 4;
/** Of fewer values than this nothing is usual. */
const FEW = 6;

/**
 * Where an axis of values ends: a little above the largest one; but where few tower over all others, as when a bot's past
 * is taken in at once, so that the others can still be read. Bars above it are cut, and marked as such.
 *
 * @param values 0 or more
 * @returns above 0
 */
export function ceilingOf(values: readonly number[]): number {
  const some = values.filter((value) => value > 0).toSorted((a, b) => a - b);
  const largest = some.at(-1) ?? 1;
  const usual = some[Math.floor(some.length * 0.6)] ?? largest;
  const end = some.length >= FEW && largest > TOWERING * usual ? SHOWN * usual : largest;
  return end * 1.08;
}
