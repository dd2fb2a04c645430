import type { MetricEventData, StatusEventData } from "../../contract/wire/events.ts";
import type { ChannelRow } from "../../contract/wire/stats.ts";
import { systemClock } from "../../lib/clock.ts";
import { readHistory } from "./history.ts";
import { onSession } from "../session.ts";
import { createPoints, type Gap, pointOf, type Point } from "./points.ts";
import { type Link, openStream } from "./stream.ts";

/** All that the page knows by the stream; a new object whenever any of it changes. */
export interface LiveState {
  link: Link;
  /** Epoch ms of the viewer's clock, since when the link is so. */
  since: number;
  /** How the last cut ended; absent: there was none. */
  back?: { atMs: number; cutMs: number; lost: boolean };
  /** Grows whenever anything came. */
  beats: number;
  /** Epoch ms of the viewer's clock, when anything last came. */
  beatAt: number;
  status?: StatusEventData;
  metric?: MetricEventData;
  channels: ReadonlyMap<string, ChannelRow>;
  points: readonly Point[];
  gaps: readonly Gap[];
  /** Grow when a `metric` event counted anything, and with every `error` event. */
  changes: number;
  errors: number;
  /** ms by which botel's clock is ahead of the viewer's. */
  ahead: number;
}

export interface Live {
  state(): LiveState;
  /** @returns ends it */
  subscribe(onChange: () => void): () => void;
  close(): void;
}

/** A page that is not seen gives its connection back: a browser opens but six to one place. */
const HIDDEN_MS = 60_000;

export function createLive(): Live {
  const points = createPoints();
  const listeners = new Set<() => void>();
  const { now } = systemClock;
  let state: LiveState = {
    link: "opening",
    since: now(),
    beats: 0,
    beatAt: now(),
    channels: new Map(),
    points: [],
    gaps: [],
    changes: 0,
    errors: 0,
    ahead: 0,
  };
  let told = false;
  let asked = false;

  /** Many events of one piece of the stream are shown at once. */
  function set(change: Partial<LiveState>): void {
    state = { ...state, ...change };
    if (told) return;
    told = true;
    queueMicrotask(() => {
      told = false;
      for (const listener of listeners) listener();
    });
  }

  function link(to: Link): void {
    if (to === state.link) return;
    const wasCut = state.link === "cut" && to === "open";
    const back = wasCut ? { atMs: now(), cutMs: now() - state.since, lost: false } : state.back;
    set({ link: to, since: now(), back });
  }

  function status({ gap, ...data }: StatusEventData, id: string): void {
    if (gap) lose();
    set({ status: data });
    if (!asked) void prepend(id);
    asked = true;
  }

  /** Between the newest point and now something is missing: it is shown, not drawn as nothing. */
  function lose(): void {
    const from = points.all().at(-1)?.at;
    if (from !== undefined) points.addGap({ from, to: (now() + state.ahead) / 1000 });
    set({ gaps: points.gaps(), back: { atMs: now(), cutMs: state.back?.cutMs ?? 0, lost: true } });
  }

  async function prepend(id: string): Promise<void> {
    points.addOlder(await readHistory(id));
    set({ points: points.all().slice() });
  }

  function metric(data: MetricEventData): void {
    const point = pointOf(data);
    points.add(point);
    const counted = point.messages + point.responses + point.requests + point.toolCalls + point.errors > 0;
    const ahead = point.at * 1000 - now();
    // Whole seconds, cut: only what is more than a second off is told apart from none.
    const changes = state.changes + (counted ? 1 : 0);
    set({ metric: data, points: points.all(), changes, ahead: Math.abs(ahead) > 2000 ? ahead : 0 });
  }

  const stream = openStream({
    link,
    beat: () => set({ beats: state.beats + 1, beatAt: now() }),
    event(event, id) {
      if (event.type === "status") status(event.data, id);
      else if (event.type === "metric") metric(event.data);
      else if (event.type === "error") set({ errors: state.errors + 1 });
      else set({ channels: new Map(state.channels).set(event.data.id, event.data) });
    },
  });

  let hidden: ReturnType<typeof setTimeout> | undefined;
  function onVisibility(): void {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => stream.pause(), HIDDEN_MS);
    else stream.resume();
  }
  document.addEventListener("visibilitychange", onVisibility);
  const endSession = onSession(({ out }) => (out === undefined ? stream.resume() : stream.pause()));

  return {
    state: () => state,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    close() {
      endSession();
      document.removeEventListener("visibilitychange", onVisibility);
      stream.close();
    },
  };
}
