/**
 * The first `max` UTF-16 units of the text, with no half of a surrogate pair in it: what is kept in memory and what comes
 * back from a disk are then equal.
 */
export function cutText(text: string, max: number): string {
  const cut = text.length > max ? text.slice(0, endOfPair(text, max)) : text;
  return cut.isWellFormed() ? cut : cut.toWellFormed();
}

function endOfPair(text: string, max: number): number {
  const last = text.charCodeAt(max - 1);
  return last >= 0xd800 && last <= 0xdbff ? max - 1 : max;
}
