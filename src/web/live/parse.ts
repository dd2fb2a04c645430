/** One event of a stream of Server-Sent Events. */
export interface ServerEvent {
  id: string;
  /** Absent: an unnamed one. */
  name?: string;
  data: string;
}

/**
 * Takes a stream in pieces, cut anywhere, and gives its events. Comments and unknown fields are passed over, as the
 * standard wants it.
 *
 * @param maxChars of one event; more of it than that is given up
 */
export function createParser(onEvent: (event: ServerEvent) => void, maxChars = 4_000_000) {
  let rest = "";
  let [id, name, data] = ["", undefined as string | undefined, [] as string[]];

  function line(text: string): void {
    if (text === "") return end();
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id") id = value;
  }

  function end(): void {
    if (data.length > 0) onEvent({ id, name, data: data.join("\n") });
    [name, data] = [undefined, []];
  }

  return function take(piece: string): void {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > maxChars) rest = "";
    for (const each of lines) line(each);
  };
}
