/**
 * Order of two strings by their code points, as UTF-8 has it: no locale, and no surprise above U+FFFF, where the order
 * of UTF-16 code units is another one.
 *
 * @returns negative, 0 or positive, as `sort` wants it
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for what lies above U+FFFF: they go behind the code units U+E000…U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
