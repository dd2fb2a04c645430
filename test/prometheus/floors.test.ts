import { expect, test } from "vitest";
import { metricsFold } from "../../src/rollups/metrics.ts";
import type { MetricsState } from "../../src/rollups/metrics.ts";
import { NOW, request, tool } from "../store/world.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import { started } from "./made.ts";

const call = (n: number, ms = 100): StoredFact => {
  return { ...request({ span: n, timeMs: NOW, durationNs: ms * 1e6 }), row: n, counted: true, errorItem: false };
};

function stateOf(...facts: StoredFact[]): MetricsState {
  const state = metricsFold.zero();
  for (const fact of facts) metricsFold.add(state, fact, 0);
  return state;
}

test("a counter never goes down where facts are taken back: it shows what it showed until new facts make up for it", async () => {
  let state = stateOf(call(1), call(2), call(3, 5000));
  const metrics = started({ state: () => state });
  const read = async () => {
    const scrape = await metrics.scrape();
    const sums = ["bot_requests_total", "gen_ai_client_operation_duration_seconds_count", "bot_tokens_total"];
    return [...sums, "gen_ai_client_operation_duration_seconds_sum"].map((name) => scrape.sum(name));
  };
  expect(await read()).toEqual([3, 3, 45, 5.2]);

  metrics.hold();
  state = stateOf(call(1), call(2));
  expect(await read()).toEqual([3, 3, 45, 5.2]);

  state = stateOf(call(1), call(2), call(4));
  // Of the histogram each bucket for itself: the new one is not where the old one was.
  expect(await read()).toEqual([3, 4, 45, 5.2]);

  state = stateOf(call(1), call(2), call(4), call(5, 5000), call(6));
  expect(await read()).toEqual([5, 5, 75, 5.4]);

  metrics.hold();
  state = stateOf();
  expect(await read()).toEqual([5, 5, 75, 5.4]);
});

test("a series that is new, or that nothing was taken from, is as it is", async () => {
  let state = stateOf(call(1));
  const metrics = started({ state: () => state });
  await metrics.scrape();
  metrics.hold();
  const fact: StoredFact = { ...tool({ span: 9 }), row: 9, counted: true, errorItem: false };
  state = stateOf(call(1), call(2), fact);
  const scrape = await metrics.scrape();
  expect([scrape.sum("bot_requests_total"), scrape.sum("bot_tool_calls_total")]).toEqual([2, 1]);
});
