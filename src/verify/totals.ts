import { EVERYTHING, type Fold } from "../contract/fold.ts";
import { countOf } from "../lib/histogram.ts";
import { channelsFold, readChannels } from "../rollups/channels.ts";
import { dailyFold, readDaily } from "../rollups/daily.ts";
import { metricsFold } from "../rollups/metrics.ts";
import { modelsFold, readModels } from "../rollups/models.ts";
import { readTools, toolsFold } from "../rollups/tools.ts";
import type { CheckedDay } from "./days.ts";

/** Totals that JSON and `/metrics` both show. */
export const TOTALS = ["messages", "responses", "requests", "failed requests", "tool calls", "tokens"] as const;

export type Totals = Record<(typeof TOTALS)[number], number>;

/** What the facts say, day after day. */
export interface Truth {
  add(day: CheckedDay): void;
  /** Of all days. */
  totals(): Totals;
  /** Whole answers, as JSON text: those of `period=all`. */
  answers(): Record<"daily" | "models" | "tools" | "channels", string>;
}

/** @param today what is dated later is in no JSON answer yet, but in the counters */
export function createTruth(today: number): Truth {
  const all = metricsFold.zero();
  const [daily, models] = [dailyFold.zero(), modelsFold.zero()];
  const [tools, channels] = [toolsFold.zero(), channelsFold.zero()];

  return {
    add({ day, states }) {
      const into = <State>(fold: Fold<State>, state: State): void => {
        const part = states.state(fold, EVERYTHING);
        if (part !== undefined) fold.merge(state, part);
      };
      into(metricsFold, all);
      if (day > today) return;
      into(dailyFold, daily);
      into(modelsFold, models);
      into(toolsFold, tools);
      into(channelsFold, channels);
    },
    totals() {
      const requests = [...all.requests.values()];
      const count = (of: typeof requests) => sum(of.map(({ durations }) => countOf(durations)));
      return {
        messages: sum([...all.messages.values()].map((series) => series.messages)),
        responses: sum([...all.messages.values()].map((series) => series.responses)),
        requests: count(requests),
        "failed requests": count(requests.filter(({ errorType }) => errorType !== "")),
        "tool calls": sum([...all.tools.values()].map(({ durations }) => countOf(durations))),
        tokens: sum(requests.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens)),
      };
    },
    answers() {
      const { days } = readDaily(daily, undefined, today);
      return {
        daily: JSON.stringify(
          days.map(({ messages, responses, toolCalls, tokens }) => [messages, responses, toolCalls, tokens]),
        ),
        models: JSON.stringify(readModels(models)),
        tools: JSON.stringify(readTools(tools)),
        channels: JSON.stringify(readChannels(channels).map(({ id, requests, errors }) => [id, requests, errors])),
      };
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
