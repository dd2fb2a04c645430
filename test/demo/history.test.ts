import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeHistory, type HistoryOptions } from "../../src/demo/history.ts";
import { pastDay } from "../../src/demo/past.ts";
import { createSociety } from "../../src/demo/people.ts";
import { createRandom } from "../../src/demo/random.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createRecorder, type Recorder } from "../bot/recorder.ts";

const ZONE = "Asia/Shanghai";
const DAY = 86_400_000;
const calendar = createCalendar(ZONE);
const society = createSociety(createRandom(1));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "botel-history-"));
});
afterEach(() => rm(dir, { recursive: true }));

function options(recorder: Recorder, more: Partial<HistoryOptions> = {}): HistoryOptions {
  return {
    instrument: recorder.instrument,
    society,
    random: createRandom(1),
    calendar,
    clock: systemClock,
    days: 3,
    stop: new AbortController().signal,
    done: false,
    rate: 1e6,
    ...more,
  };
}

const factsOf = ({ messages, requests, tools, logs }: Recorder) =>
  messages.length + requests.length + tools.length + logs.length;

describe("a day of the past", () => {
  const now = Date.UTC(2026, 10, 24, 13);
  const today = calendar.dayOf(now);
  const days = Array.from({ length: 30 }, (_, index) => {
    return pastDay(today - 30 + index, society, calendar, createRandom(1).fork(`day ${today - 30 + index}`), now);
  });
  const turns = days.flat();
  const requests = turns.flatMap(({ steps }) => steps.filter((step) => step.kind === "request"));

  test("is the same for the same seed, and another one for another", () => {
    const make = (seed: number) => pastDay(today - 1, society, calendar, createRandom(seed), now);
    expect(make(5)).toEqual(make(5));
    expect(make(5)).not.toEqual(make(6));
  });

  test("lies in itself, and what a turn caused lies in the turn", () => {
    for (const [index, day] of days.entries()) {
      for (const { start, end, steps } of day) {
        expect(calendar.dayOf(start)).toBe(today - 30 + index);
        for (const step of steps) {
          expect(step.start).toBeGreaterThanOrEqual(start);
          expect(step.end).toBeGreaterThanOrEqual(step.start);
          expect(step.end).toBeLessThanOrEqual(end);
        }
      }
    }
  });

  test("uses every channel, model and tool; few requests fail, and few turns stay without an answer", () => {
    expect(new Set(requests.map(({ channel }) => channel)).size).toBe(5);
    expect(new Set(requests.map(({ model }) => model)).size).toBe(6);
    const failed = requests.filter(({ status }) => status !== undefined).length / requests.length;
    expect(failed).toBeGreaterThan(0.01);
    expect(failed).toBeLessThan(0.06);
    const asked = turns.filter(({ steps }) => steps.length > 0);
    expect(asked.filter(({ answered }) => answered).length / asked.length).toBeGreaterThan(0.99);
  });

  test("has 1,000 to 2,000 facts, and more at the weekend", () => {
    const facts = days.map((day) =>
      day.reduce((sum, { steps }) => sum + 1 + steps.length + (steps.length > 0 ? 1 : 0), 0),
    );
    expect(Math.min(...facts)).toBeGreaterThan(1000);
    expect(Math.max(...facts)).toBeLessThan(2000);
  });

  test("parts of the tokens are parts of their totals", () => {
    for (const { usage } of requests) {
      if (usage === undefined) continue;
      expect(usage.cachedTokens).toBeLessThanOrEqual(usage.inputTokens ?? 0);
      expect(usage.reasoningTokens ?? 0).toBeLessThan(usage.outputTokens ?? 0);
    }
  });

  test("ends before now", () => {
    const until = calendar.startOf(today - 1) + DAY / 2;
    const half = pastDay(today - 1, society, calendar, createRandom(1), until);
    expect(half.length).toBeGreaterThan(10);
    expect(Math.max(...half.map(({ end }) => end))).toBeLessThan(until);
  });
});

describe("the history", () => {
  test("writes messages, requests, tool calls and log lines with the times that they had", async () => {
    const recorder = createRecorder();
    const written = await writeHistory(options(recorder));
    const { messages, requests, tools, logs } = recorder;
    expect(messages).toHaveLength(written);
    const from = calendar.startOf(calendar.dayOf(Date.now()) - 3);
    const times = [...messages, ...requests, ...tools].flatMap(({ startTime, endTime }) => [startTime, endTime]);
    times.push(...logs.map(({ timeMs }) => timeMs));
    expect(times.every((time) => time !== undefined && time >= from && time <= Date.now())).toBe(true);
    expect([requests.length > 100, tools.length > 50]).toEqual([true, true]);
    for (const request of requests) expect(request.trace).toBeDefined();
    const answered = logs.filter(({ message }) => message === "Chat request processed").length;
    expect(messages.reduce((sum, { responses }) => sum + responses, 0)).toBe(answered);
  });

  test("is not begun where the store has facts already", async () => {
    const recorder = createRecorder();
    const file = join(dir, "history.txt");
    expect(await writeHistory(options(recorder, { done: true, file }))).toBe(0);
    expect(factsOf(recorder)).toBe(0);
  });

  test("that is done is not written again, whatever the store says", async () => {
    const file = join(dir, "history.txt");
    expect(await writeHistory(options(createRecorder(), { file }))).toBeGreaterThan(0);
    expect(await writeHistory(options(createRecorder(), { file }))).toBe(0);
  });

  test("that was cut short goes on with the next day: no day is written twice", async () => {
    const file = join(dir, "history.txt");
    const [first, second] = [createRecorder(), createRecorder()];
    const stop = new AbortController();
    const stopping: Recorder["instrument"] = {
      ...first.instrument,
      message(about, work) {
        if (first.messages.length === 500) stop.abort();
        return first.instrument.message(about, work);
      },
    };
    await writeHistory(options(first, { file, stop: stop.signal, instrument: stopping }));
    await writeHistory(options(second, { file, done: true }));
    const days = (recorder: Recorder) =>
      new Set(recorder.messages.map(({ startTime = 0 }) => calendar.dayOf(startTime)));
    const [before, after] = [days(first), days(second)];
    expect([before.size > 0, after.size > 0]).toEqual([true, true]);
    expect(before.intersection(after).size).toBe(0);
    expect(before.union(after).size).toBe(4);
  });

  test("keeps to its rate, and never holds the thread for long", async () => {
    const recorder = createRecorder();
    const slices: number[] = [];
    let last = systemClock.mono();
    const watch = setInterval(() => {
      slices.push(systemClock.mono() - last);
      last = systemClock.mono();
    }, 1);
    const from = systemClock.mono();
    await writeHistory(options(recorder, { days: 1, rate: 4000 }));
    clearInterval(watch);
    const seconds = (systemClock.mono() - from) / 1000;
    expect(factsOf(recorder) / seconds).toBeLessThan(4800);
    const sorted = slices.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(8);
  });
});
