/**
 * Sets a key of a map that holds `limit` entries at the most: where it is full, the one heard longest ago goes.
 *
 * @returns how many went: 0 or 1
 */
export function put<Entry extends { heardMs: number }>(
  map: Map<string, Entry>,
  key: string,
  entry: Entry,
  limit: number,
): number {
  const full = map.size >= limit && !map.has(key);
  if (full) {
    let [oldest, heardMs] = ["", Infinity];
    for (const [name, other] of map) if (other.heardMs < heardMs) [oldest, heardMs] = [name, other.heardMs];
    map.delete(oldest);
  }
  map.set(key, entry);
  return full ? 1 : 0;
}
