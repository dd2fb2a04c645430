import { describe, expect, test } from "vitest";
import { formatFor } from "../../src/prometheus/accept.ts";
import { createExemplars } from "../../src/prometheus/exemplars.ts";
import { asOpenMetrics } from "../../src/prometheus/openmetrics.ts";
import { NOON, beat, bot, channel, logFact, messageFact, requestFact, taken, toolFact } from "../system/made.ts";
import { promtool, started, type Sample } from "./made.ts";
import { readOpenMetrics, type OpenMetrics } from "./read-openmetrics.ts";

const hostile = ['"', "\\", 'x"} 1\nevil 5', ' # {a="b"} 1', "# EOF", "群", "{", 'a,b="c'];

function filled() {
  const metrics = started();
  for (const [n, name] of hostile.entries()) {
    const failure = n % 2 === 0 ? { failed: true, errorType: name, errorItem: true } : {};
    metrics.add(
      requestFact({ model: name, channel: name, ...failure, firstChunkNs: 5e8, inputTokens: 30, outputTokens: 4 }),
      toolFact({ tool: name, durationNs: 3e6, ...failure }),
      messageFact({ platform: name, responses: 1, responseWaitNs: 2e9 }),
      requestFact({ previousChannel: name }),
    );
  }
  metrics.add(logFact({ errorItem: true, timeMs: NOON - 5000 }));
  metrics.system.beat(beat({ refused: { too_old: 2 } }));
  metrics.system.changes([], [bot("1", true), channel("main", "error", { breaker: "open" })]);
  return metrics;
}

/** Each sample, by what it is of: the two formats write bounds and names of info metrics in two ways. */
function values(samples: readonly Sample[]): Map<string, number> {
  const keyOf = ({ name, labels }: Sample) => {
    const plain = Object.entries(labels).map(([label, value]) => [
      label,
      label === "le" ? Number(value) || value : value,
    ]);
    return JSON.stringify([name, plain.map(String).sort()]);
  };
  return new Map(samples.map((sample) => [keyOf(sample), sample.value]));
}

const samplesOf = ({ families }: OpenMetrics) => families.flatMap(({ samples }) => samples);

/** What differs from one scrape to the next. */
const MOVES = /^botel_scrape_duration|^process_resident/;

describe("OpenMetrics", () => {
  test("has the series and values of the text format, and times of creation beside them", async () => {
    const metrics = filled();
    await metrics.scrape();
    const text = values((await metrics.scrape()).samples.filter(({ name }) => !MOVES.test(name)));
    const all = samplesOf(await metrics.openMetrics()).filter(({ name }) => !MOVES.test(name));
    const created = all.filter(({ name }) => name.endsWith("_created"));
    expect(values(all.filter((sample) => !created.includes(sample)))).toEqual(text);
    expect(text.size).toBeGreaterThan(400);
    const counting = [...text.keys()].filter((key) => /^\["(bot|botel|gen_ai)_\w+(_total|_count)"/.test(key));
    expect(created).toHaveLength(counting.length);
    // Totals count from the first fact, what botel counts of itself from its start.
    const since = (name: string) => new Set(created.filter((sample) => sample.name === name).map(({ value }) => value));
    expect(since("bot_messages_created")).toEqual(new Set([(NOON - 5000) / 1000]));
    expect(since("botel_live_events_created")).toEqual(new Set([NOON / 1000]));
  });

  test("names families, types and units as OpenMetrics does", async () => {
    const { families, body } = await filled().openMetrics();
    const of = (name: string) => families.find((family) => family.name === name);
    expect(of("bot_messages")).toMatchObject({ type: "counter" });
    expect(of("bot_response_wait_seconds")).toMatchObject({ type: "histogram", unit: "seconds" });
    expect(of("process_resident_memory_bytes")).toMatchObject({ type: "gauge", unit: "bytes" });
    expect(of("target")).toMatchObject({ type: "info", samples: [{ name: "target_info" }] });
    expect(body).toContain('le="1.0"');
    expect(body).toContain('le="0.64"');
    expect(families.every(({ help, type }) => help !== "" && type !== "unknown")).toBe(true);
  });

  test("an exemplar of a bucket is its newest fact: the trace, and the time beside which it is found", async () => {
    const metrics = started();
    const trace = (n: number) => String(n).repeat(32);
    metrics.add(
      requestFact({ traceId: trace(2), timeMs: NOON + 2, durationNs: 15e6 }),
      requestFact({ traceId: trace(1), timeMs: NOON + 1, durationNs: 16e6 }),
      requestFact({ traceId: trace(3), timeMs: NOON, durationNs: 2e9 }),
      requestFact({ traceId: trace(4), timeMs: NOON + 9, durationNs: 15e6, counted: false }),
    );
    const buckets = samplesOf(await metrics.openMetrics()).filter(
      ({ name }) => name === "gen_ai_client_operation_duration_seconds_bucket",
    );
    const shown = buckets.flatMap(({ labels, exemplar }) => (exemplar ? [[labels["le"], exemplar]] : []));
    const at = NOON + 2;
    expect(shown).toEqual([
      ["0.02", { labels: { trace_id: trace(2), trace: `${trace(2)}?at=${at}` }, value: 0.015, time: at / 1000 }],
      ["2.56", { labels: { trace_id: trace(3), trace: `${trace(3)}?at=${NOON}` }, value: 2, time: NOON / 1000 }],
    ]);
  });

  test("examples are remembered of so many series: the ones that were new first are forgotten", async () => {
    const store = createExemplars();
    const seen: string[] = [];
    for (let n = 0; n < 310; n += 1) store.see(taken(toolFact({ tool: `t${n}` })));
    store.illustrate({ illustrate: (_metric, [tool = ""]) => void seen.push(tool) });
    expect(seen).toHaveLength(300);
    expect(seen[0]).toBe("t10");
  });

  test("series that share `other` share their exemplars; the text format has none", async () => {
    const metrics = started({ labelValues: 1 });
    for (let n = 1; n < 4; n += 1) metrics.add(toolFact({ tool: `t${n}`, timeMs: NOON + n, durationNs: 1e6 }));
    const [, other] = samplesOf(await metrics.openMetrics()).filter(
      ({ name, exemplar }) => name === "bot_tool_duration_seconds_bucket" && exemplar !== undefined,
    );
    expect(other).toMatchObject({ labels: { gen_ai_tool_name: "other" }, exemplar: { time: (NOON + 3) / 1000 } });
    expect((await metrics.scrape()).body).not.toContain("trace_id");
  });

  test("what bots measured themselves is renamed as OpenMetrics names it", () => {
    const text = "# HELP a_total A \\\\ b.\n# TYPE a_total counter\na_total 1\n# TYPE b_total gauge\nb_total 2\n";
    const open = "# HELP a A \\\\ b.\n# TYPE a counter\na_total 1\n# TYPE b_total gauge\nb_total 2\n";
    expect(promtool(text)).toContain("b_total");
    expect(asOpenMetrics(text)).toBe(open);
    expect(readOpenMetrics(`${open}# EOF\n`).families.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "a counter",
      "b_total gauge",
    ]);
  });

  test("is for who asks for it", async () => {
    const prometheus =
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    expect(formatFor(prometheus)).toBe("openmetrics");
    for (const accept of ["", "*/*", "text/html, */*;q=0.5", "text/plain, application/openmetrics-text;q=0.5"]) {
      expect(formatFor(accept), accept).toBe("text");
    }
    expect(formatFor("application/openmetrics-text;q=0, text/plain;q=0.1")).toBe("text");
    const { contentType } = await started().render(prometheus);
    expect(contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  });
});
