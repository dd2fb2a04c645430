/** Order by code points, as the contract orders all ties; `<` on strings orders by UTF-16 units, which differs. */
export function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, (char) => char.codePointAt(0)!);
  const right = Array.from(b, (char) => char.codePointAt(0)!);
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}

/** Whole ms of nanoseconds shared among `of`, rounded once, half up; 0 where there is none to share among. */
export function meanMs(totalNs: bigint, of: number): number {
  if (of === 0) return 0;
  const unit = BigInt(of) * 1_000_000n;
  return Number((totalNs * 2n + unit) / (unit * 2n));
}

/** A rate of 0…1 with at most 4 decimals; 1 only where it is 1. */
export function rate(part: number, whole: number): number {
  if (whole === 0) return 0;
  const rounded = Math.round((part / whole) * 10_000) / 10_000;
  return rounded === 1 && part < whole ? 0.9999 : rounded;
}

/** `2024-12-15T15:30:00Z`: UTC, whole seconds, cut. */
export function secondsUtc(ns: bigint): string {
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}Z`;
}

/** UTC with milliseconds, cut. */
export function millisUtc(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
