import { useEffect, useRef, useState } from "preact/hooks";

/** An answer of botel that is no success, or none at all. */
export class AskError extends Error {
  /** The envelope's code; `OFFLINE` where botel did not answer. */
  readonly code: string;

  constructor(code: string, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/**
 * The `data` of an answer of `/api` (contract §3).
 *
 * @param path with its query
 * @throws {AskError} with the sentence that the answer holds
 */
export async function ask<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  const response = await fetch(path, { signal, credentials: "same-origin" }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new AskError("OFFLINE", "");
  });
  const body = (await response.json().catch(() => undefined)) as Envelope<Data> | undefined;
  if (body?.success) return body.data;
  throw new AskError(body?.code ?? "OFFLINE", body?.error ?? "");
}

type Envelope<Data> = { success: true; data: Data } | { success: false; error: string; code: string };

/** `path` with the parameters that are given. */
export function query(path: string, params: Record<string, string | number | undefined>): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? path : `${path}?${text}`;
}

export interface Answer<Data> {
  /** The newest that came, of this path or, while the first of it is under way, of the path before. */
  data?: Data;
  error?: AskError;
  /** True until the first answer of this path. */
  loading: boolean;
}

/** What is over after a while. */
const AGAIN = new Set<string | undefined>(["OFFLINE", "UNAVAILABLE"]);
const AGAIN_MS = 2000;

/**
 * Asks for a path, and again whenever `turn` changes; an answer that is there stays until the next one, and a question
 * that is under way is not asked twice. Where botel could not be reached or was not ready, it is asked again by itself.
 *
 * @param path undefined: nothing is asked
 */
export function useAnswer<Data>(path: string | undefined, turn: unknown = 0): Answer<Data> {
  const [held, setHeld] = useState<{ path?: string; data?: Data; error?: AskError }>({});
  const [tries, setTries] = useState(0);
  const underWay = useRef<{ path: string; abort: AbortController } | undefined>(undefined);

  useEffect(() => {
    if (path === undefined || underWay.current?.path === path) return;
    underWay.current?.abort.abort();
    const mine = { path, abort: new AbortController() };
    underWay.current = mine;
    const settle = (change: (before: { path?: string; data?: Data }) => typeof held) => {
      if (underWay.current !== mine) return;
      underWay.current = undefined;
      setHeld(change);
    };
    ask<Data>(path, mine.abort.signal).then(
      (data) => settle(() => ({ path, data })),
      (error: unknown) =>
        settle((before) => ({ path, data: before.path === path ? before.data : undefined, error: told(error) })),
    );
  }, [path, turn, tries]);
  useEffect(() => {
    if (!AGAIN.has(held.error?.code)) return undefined;
    const timer = setTimeout(() => setTries((before) => before + 1), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [held]);
  useEffect(() => () => underWay.current?.abort.abort(), []);

  const { data, error } = held;
  return { data, error: held.path === path ? error : undefined, loading: path !== undefined && held.path !== path };
}

function told(error: unknown): AskError {
  return error instanceof AskError ? error : new AskError("OFFLINE", String(error));
}
