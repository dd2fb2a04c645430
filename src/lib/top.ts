/**
 * The first `limit` of the numbers 0…count−1 in an order, without sorting the rest.
 *
 * @param compare as `sort` wants it; total, so that the answer is one
 * @returns ascending in that order
 */
export function firstOf(count: number, limit: number, compare: (a: number, b: number) => number): number[] {
  const first: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const last = first.length === limit ? first.at(-1) : undefined;
    if (limit === 0 || (last !== undefined && compare(i, last) >= 0)) continue;
    if (last !== undefined) first.pop();
    first.splice(placeOf(i, first, compare), 0, i);
  }
  return first;
}

/** @returns how many of `sorted` come before `i`. */
function placeOf(i: number, sorted: readonly number[], compare: (a: number, b: number) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as number, i) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
