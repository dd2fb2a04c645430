/** @returns `2024-12-15T15:30:00Z`, whole seconds, cut: times under /api/stats and /api/system (contract §3). */
export function writeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** @returns `2024-12-15T15:30:00.000Z`: times under /api/logs (contract §3). */
export function writeMilliseconds(ms: number): string {
  return new Date(ms).toISOString();
}
