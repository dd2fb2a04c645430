import { useEffect, useRef, useState } from "preact/hooks";
import { ask, AskError, query } from "../../answer.ts";
import { mergeNewest, type Page, replaced } from "./pages.ts";

export const PAGE_ROWS = 100;
/** More lines than this are not held at once: one goes on from there. */
export const FULL_ROWS = 3000;
/** While following, older pages are let go past this; they can be had again. */
const FOLLOWED_ROWS = 1000;
const FOLLOW_MS = 2000;

export interface Pages<Row> extends Page<Row> {
  /** True until the first page is there. */
  loading: boolean;
  error?: AskError;
  full: boolean;
  /** Asks for the next older page. */
  more: () => void;
  retry: () => void;
}

export interface PagesOptions<Row> {
  path: string;
  params: Readonly<Record<string, string | undefined>>;
  rowsOf: (data: never) => readonly Row[];
  /** Whether new lines are to come in by themselves now; asked each time. */
  follow: () => boolean;
}

type Held<Row> = Page<Row> & { of: string; error?: AskError };

/** A list of the API that is read page by page, and followed. */
export function usePages<Row>({ path, params, rowsOf, follow }: PagesOptions<Row>): Pages<Row> {
  const of = query(path, { ...params, limit: PAGE_ROWS });
  const empty: Held<Row> = { of: "", rows: [], next: null, top: 0 };
  const [held, setHeld] = useState<Held<Row>>(empty);
  const under = useRef<AbortController | undefined>(undefined);
  const following = useRef(follow);
  following.current = follow;
  const current = held.of === of ? held : empty;

  function load(address: string, take: (page: Page<Row>) => Page<Row>): void {
    const abort = (under.current = new AbortController());
    ask<{ nextBefore: string | null }>(address, abort.signal).then(
      (data) => settle({ ...take({ rows: rowsOf(data as never), next: data.nextBefore, top: 0 }) }),
      (error: unknown) =>
        settle({ ...current, error: error instanceof AskError ? error : new AskError("OFFLINE", "") }),
    );
    function settle(page: Page<Row> & { error?: AskError }): void {
      if (under.current !== abort || abort.signal.aborted) return;
      under.current = undefined;
      setHeld({ ...page, of });
    }
  }

  const first = (): void => load(of, (page) => page);
  useEffect(() => {
    under.current?.abort();
    first();
    return () => under.current?.abort();
  }, [of]);

  useEffect(() => {
    const timer = setInterval(() => {
      if (under.current || document.hidden || !following.current()) return;
      load(of, (newest) => bounded(current, newest));
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  });

  const full = current.rows.length >= FULL_ROWS;
  return {
    rows: current.rows,
    next: current.next,
    top: current.top,
    loading: held.of !== of,
    error: current.error,
    full,
    more() {
      const { rows, next, top } = current;
      if (under.current || next === null || full) return;
      load(query(path, { ...params, limit: PAGE_ROWS, before: next }), (page) => ({
        rows: [...rows, ...page.rows],
        next: page.next,
        top,
      }));
    },
    retry: first,
  };
}

function bounded<Row>(held: Page<Row>, newest: Page<Row>): Page<Row> {
  const merged = mergeNewest(held, newest);
  return merged.rows.length > FOLLOWED_ROWS ? replaced(held, newest) : merged;
}
