import { useEffect, useRef, useState } from "preact/hooks";
import type { BatchData } from "../contract/wire/batch.ts";

/** An answer of botel that is no success, or none at all. */
export class AskError extends Error {
  /** The envelope's code; `OFFLINE` where botel did not answer. */
  readonly code: string;
  /** ms after which it may be asked again, where botel said so. */
  readonly againMs?: number;

  constructor(code: string, sentence: string, againMs?: number) {
    super(sentence);
    this.code = code;
    this.againMs = againMs;
  }
}

const refusals = new Set<(code: string) => void>();

/** Told of each answer that says that a token is needed, with its code. */
export function onRefused(listener: (code: string) => void): void {
  refusals.add(listener);
}

/**
 * The `data` of an answer of `/api` (contract §3).
 *
 * @param path with its query
 * @throws {AskError} with the sentence that the answer holds
 */
export async function ask<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  try {
    return await (BATCHED.test(path) ? together<Data>(path, signal) : send<Data>(path, { signal }));
  } catch (error) {
    if (error instanceof AskError) tellRefusal(error.code);
    throw error;
  }
}

/** As {@link ask}, of what changes something. @param body is sent as JSON */
export function tell<Data>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<Data> {
  if (body === undefined) return send<Data>(path, { method });
  return send<Data>(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

const NEEDS_TOKEN = new Set(["AUTH_REQUIRED", "INVALID_TOKEN", "TOKEN_EXPIRED"]);

/** @returns whether this code says that a token is needed; whoever listens is told then */
export function tellRefusal(code: string): boolean {
  if (!NEEDS_TOKEN.has(code)) return false;
  for (const listener of refusals) listener(code);
  return true;
}

/** What `GET /api/batch` takes. */
const BATCHED = /^\/api\/(stats|logs|system)/;
/** Questions of one moment are one request: a view costs one of the requests that a client has in a minute. */
const MOMENT_MS = 5;
const MAX_BATCH = 20;

interface Waiting {
  path: string;
  signal?: AbortSignal;
  settle(answer: Promise<unknown>): void;
}

let waiting: Waiting[] = [];

function together<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  return new Promise((resolve) => {
    if (waiting.length === 0) setTimeout(askAll, MOMENT_MS);
    waiting.push({ path, signal, settle: (answer) => resolve(answer as Promise<Data>) });
  });
}

function askAll(): void {
  const due = waiting.filter(({ signal }) => !signal?.aborted);
  waiting = [];
  for (let from = 0; from < due.length; from += MAX_BATCH) askBatch(due.slice(from, from + MAX_BATCH));
}

function askBatch(batch: readonly Waiting[]): void {
  const [first] = batch;
  if (batch.length === 1) return first?.settle(send(first.path, { signal: first.signal }));
  const paths = encodeURIComponent(batch.map(({ path }) => path).join(","));
  const answers = send<BatchData>(`/api/batch?paths=${paths}`, {});
  for (const [place, { settle }] of batch.entries()) {
    settle(answers.then((data) => dataOf(data.answers[place]?.body as Envelope<unknown> | undefined)));
  }
}

async function send<Data>(path: string, init: RequestInit): Promise<Data> {
  const response = await fetch(path, { ...init, credentials: "same-origin" }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new AskError("OFFLINE", "");
  });
  const body = (await response.json().catch(() => undefined)) as Envelope<Data> | undefined;
  const afterS = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return dataOf(body, afterS > 0 ? afterS * 1000 : undefined);
}

/** @throws {AskError} where it is no success */
function dataOf<Data>(body: Envelope<Data> | undefined, againMs?: number): Data {
  if (body?.success) return body.data;
  throw new AskError(body?.code ?? "OFFLINE", body?.error ?? "", againMs);
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
const AGAIN = new Set<string | undefined>(["OFFLINE", "UNAVAILABLE", "RATE_LIMITED"]);
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
    const timer = setTimeout(() => setTries((before) => before + 1), Math.max(AGAIN_MS, held.error?.againMs ?? 0));
    return () => clearTimeout(timer);
  }, [held]);
  useEffect(() => () => underWay.current?.abort.abort(), []);

  const { data, error } = held;
  return { data, error: held.path === path ? error : undefined, loading: path !== undefined && held.path !== path };
}

function told(error: unknown): AskError {
  return error instanceof AskError ? error : new AskError("OFFLINE", String(error));
}
