/**
 * Short texts that come again and again, as names of attributes and of models: each is made once and shared, found by its
 * bytes. A table of fixed size, in which a newcomer takes the place of another.
 */
export interface Texts {
  read(bytes: Buffer, at: number, end: number): string;
}

const SLOTS = 8192;
const MAX_LENGTH = 64;

export function createTexts(): Texts {
  const slots: string[] = Array.from({ length: SLOTS }, () => "");

  return {
    read(bytes, at, end) {
      const length = end - at;
      if (length === 0) return "";
      if (length > MAX_LENGTH) return bytes.toString("utf8", at, end);
      let hash = length;
      for (let i = at; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
      const known = slots[slot]!;
      if (known.length === length && same(known, bytes, at)) return known;
      const text = bytes.toString("utf8", at, end);
      slots[slot] = text;
      return text;
    },
  };
}

/** Bytes above 127 equal no code unit of the same place, so that only plain ASCII is found: the rest is made anew. */
function same(text: string, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit !== bytes[at + i] || unit > 0x7f) return false;
  }
  return true;
}

/** A closed set of names, found by their bytes without a text being made. */
export interface Names {
  /** @returns the name, or undefined where it is none of them. */
  find(bytes: Buffer, at: number, end: number): string | undefined;
}

export function createNames(names: Iterable<string>): Names {
  const byMark = new Map<number, string[]>();
  for (const name of names) {
    const bytes = Buffer.from(name);
    const mark = markOf(bytes, 0, bytes.length);
    byMark.set(mark, [...(byMark.get(mark) ?? []), name]);
  }

  return {
    find(bytes, at, end) {
      if (end === at) return undefined;
      const marked = byMark.get(markOf(bytes, at, end));
      return marked?.find((name) => name.length === end - at && same(name, bytes, at));
    },
  };
}

/** Length, and the three bytes that tell attribute names apart best: in the middle, near the end, and the last. */
function markOf(bytes: Buffer, at: number, end: number): number {
  const length = end - at;
  const middle = bytes[at + (length >> 1)]!;
  const near = bytes[Math.max(at, end - 4)]!;
  return (((length << 6) ^ middle) << 14) ^ (near << 7) ^ bytes[end - 1]!;
}
