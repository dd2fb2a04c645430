export interface Event {
  id: string;
  /** Absent: an unnamed one, as `onmessage` sees it. */
  name?: string;
  data: unknown;
}

/** An open event stream. */
export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** What came so far, in order. */
  readonly events: readonly Event[];
  /** Everything as it came. */
  text(): string;
  close(): void;
}

/** Opens `/api/system/events` and keeps reading. @param lastId what a browser sends that comes back */
export async function listen(url: string, query = "", lastId?: string): Promise<Stream> {
  const abort = new AbortController();
  const headers: Record<string, string> = lastId === undefined ? {} : { "Last-Event-ID": lastId };
  const response = await fetch(new URL(`/api/system/events${query}`, url), { headers, signal: abort.signal });
  const events: Event[] = [];
  const read = { text: "", rest: "" };
  void consume(response, (chunk) => {
    read.text += chunk;
    const blocks = (read.rest + chunk).split("\n\n");
    read.rest = blocks.pop()!;
    events.push(...blocks.flatMap(parse));
  }).catch(() => {});
  return {
    status: response.status,
    headers: response.headers,
    events,
    text: () => read.text,
    close: () => abort.abort(),
  };
}

async function consume(response: Response, take: (chunk: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) take(decoder.decode(chunk, { stream: true }));
}

/** One block of the stream; one without data is no event. */
function parse(block: string): Event[] {
  const fields = block.split("\n").map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
  });
  const lines = fields.filter(([name]) => name === "data").map(([, value]) => value);
  if (lines.length === 0) return [];
  const field = (wanted: string): string | undefined => fields.find(([name]) => name === wanted)?.[1];
  return [{ id: field("id") ?? "", name: field("event"), data: JSON.parse(lines.join("\n")) as unknown }];
}
