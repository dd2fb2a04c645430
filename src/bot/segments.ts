/** What a person wrote, out of OneBot's segments. */
export interface Said {
  text: string;
  /** The bot itself was named by `@`. */
  mentioned: boolean;
}

export interface Segment {
  type: string;
  data: Record<string, unknown>;
}

/** @param message an array of segments, or the same as a string with CQ codes; anything else is nothing said */
export function readMessage(message: unknown, selfId: string): Said {
  const segments = typeof message === "string" ? parseCq(message) : Array.isArray(message) ? message : [];
  let text = "";
  let mentioned = false;
  for (const { type, data } of segments.filter(isSegment)) {
    if (type === "text" && typeof data["text"] === "string") text += data["text"];
    if (type === "at" && String(data["qq"]) === selfId) mentioned = true;
  }
  return { text: text.trim(), mentioned };
}

/** @returns segments of a reply; the first part of one in a group quotes what it answers */
export function replySegments(text: string, quoted?: string): Segment[] {
  const segment = { type: "text", data: { text } };
  return quoted === undefined ? [segment] : [{ type: "reply", data: { id: quoted } }, segment];
}

/** OneBot v11's string form: `Hi [CQ:at,qq=123] there`. */
function parseCq(message: string): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of message.matchAll(/\[CQ:([\w-]+)((?:,[^\],]*)*)\]/g)) {
    if (match.index > end) segments.push(textSegment(message.slice(end, match.index)));
    segments.push({ type: match[1] ?? "", data: parseParameters(match[2] ?? "") });
    end = match.index + match[0].length;
  }
  if (end < message.length) segments.push(textSegment(message.slice(end)));
  return segments;
}

function textSegment(text: string): Segment {
  return { type: "text", data: { text: unescape(text) } };
}

function parseParameters(text: string): Record<string, string> {
  const pairs = text.split(",").filter((part) => part.includes("="));
  return Object.fromEntries(
    pairs.map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at), unescape(part.slice(at + 1))];
    }),
  );
}

function unescape(text: string): string {
  return text.replaceAll("&#91;", "[").replaceAll("&#93;", "]").replaceAll("&#44;", ",").replaceAll("&amp;", "&");
}

function isSegment(value: unknown): value is Segment {
  if (typeof value !== "object" || value === null) return false;
  const { type, data } = value as Partial<Segment>;
  return typeof type === "string" && typeof data === "object" && data !== null;
}

/** @returns parts of at most `limit` characters, cut between lines or words where there are any, never inside a pair */
export function cutText(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const head = rest.slice(0, limit);
    const space = Math.max(head.lastIndexOf("\n"), head.lastIndexOf(" "));
    let cut = space > limit / 2 ? space : limit;
    if (isLowSurrogate(rest.charCodeAt(cut))) cut -= 1;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return rest === "" && parts.length > 0 ? parts : [...parts, rest];
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
