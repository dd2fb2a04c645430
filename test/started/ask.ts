export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed body, as JSON answers have one. */
  body: unknown;
}

/** One request of a started botel. @param path with its query, from the slash on */
export async function ask(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(10_000), ...init });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { status: response.status, headers: response.headers, body: isJson && text !== "" ? JSON.parse(text) : text };
}

/** The `data` of a successful answer. @throws Error with the answer where it is none */
export async function data<T = unknown>(url: string, path: string): Promise<T> {
  const { status, body } = await ask(url, path);
  const envelope = body as { success?: boolean; data?: T };
  if (envelope?.success !== true) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return envelope.data as T;
}

/** `path` with parameters that are given. */
export function query(path: string, parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** All rows of a paged list, and how many pages they came in. */
export async function pages(
  url: string,
  path: string,
  list: string,
  parameters: Record<string, string | number | undefined>,
): Promise<{ rows: unknown[]; pages: number }> {
  const rows: unknown[] = [];
  let before: string | undefined;
  for (let count = 1; ; count += 1) {
    const page = await data<Record<string, unknown>>(url, query(path, { ...parameters, before }));
    rows.push(...(page[list] as unknown[]));
    const next = page["nextBefore"];
    if (next === null) return { rows, pages: count };
    if (typeof next !== "string" || next === before)
      throw new Error(`nextBefore ${JSON.stringify(next)} leads nowhere`);
    before = next;
  }
}
