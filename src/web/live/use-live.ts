import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { systemClock } from "../../lib/clock.ts";
import type { Live, LiveState } from "./live.ts";

export const LiveContext = createContext<Live | undefined>(undefined);

function useSource(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("no live source above");
  return live;
}

/** What is live; drawn again at every change of what `select` gives. */
export function useLive<Value>(select: (state: LiveState) => Value): Value {
  const live = useSource();
  const [value, setValue] = useState(() => select(live.state()));
  useEffect(() => {
    const update = () => setValue(() => select(live.state()));
    update();
    return live.subscribe(update);
  }, [live]);
  return value;
}

/**
 * A number that grows when something happened, at most once in so many ms, and when the stream is back: what is shown of
 * it is to be asked for again then.
 */
export function useTurn(everyMs: number, of: "changes" | "errors" = "changes"): number {
  const live = useSource();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const mark = () => `${live.state()[of]} ${live.state().back?.atMs ?? 0}`;
    let [seen, at] = [mark(), systemClock.mono()];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const due = () => {
      timer = undefined;
      [seen, at] = [mark(), systemClock.mono()];
      setTurn((before) => before + 1);
    };
    const unsubscribe = live.subscribe(() => {
      if (timer === undefined && mark() !== seen)
        timer = setTimeout(due, Math.max(0, at + everyMs - systemClock.mono()));
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [live, everyMs, of]);
  return turn;
}

/** Drawn again every so many ms. @returns epoch ms */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(systemClock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(systemClock.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
