/**
 * Order of two strings by their code points: no locale, and no surprise above U+FFFF, where the order of UTF-16 code
 * units is another one.
 *
 * @returns negative, 0 or positive, as `sort` wants it
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    // The first unit that differs may be the second one of a pair.
    if (a.charCodeAt(i) !== b.charCodeAt(i))
      return pointAt(a, i - 1) - pointAt(b, i - 1) || pointAt(a, i) - pointAt(b, i);
  }
  return a.length - b.length;
}

function pointAt(text: string, i: number): number {
  return text.codePointAt(i) ?? -1;
}
