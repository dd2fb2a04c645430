import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createAnswers, failingChannels } from "../../src/answers.ts";
import { ENDPOINTS } from "../../src/api/api.ts";
import type { Endpoint } from "../../src/api/endpoint.ts";
import type { Change, Fact, Link } from "../../src/contract/fact.ts";
import { EVERYTHING } from "../../src/contract/fold.ts";
import type { StateEvent } from "../../src/contract/state.ts";
import { success } from "../../src/contract/wire/envelope.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { createLive } from "../../src/live/live.ts";
import { createPanelAnswers } from "../../src/panel-answers.ts";
import { createMetrics } from "../../src/prometheus/metrics.ts";
import { createDayFolder } from "../../src/rollups/day.ts";
import { FOLDS_SIGNATURE } from "../../src/rollups/folds.ts";
import { metricsFold } from "../../src/rollups/metrics.ts";
import { createWindows } from "../../src/rollups/windows.ts";
import { openReader } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/store.ts";
import { createSystem, type System } from "../../src/system/system.ts";
import { type StartedApi, startApi } from "./started.ts";

export interface Whole extends StartedApi {
  /** The moment that it is; to be set. */
  clock: { ms: number };
  system: System;
  /** Takes facts in one batch, and shows them. */
  take: (facts: Fact[], states?: StateEvent[], links?: Link[]) => Change[];
  /** A second passes. */
  tick: () => void;
  /** `data` of an answer that is 200 and as strict as its schema is. */
  data: <T>(path: string) => Promise<T>;
}

/** botel without its threads: the real store, folds, system, live events, metrics and API, at a time of the test's own. */
export async function startWhole({ zone = "UTC", nowMs = Date.UTC(2026, 10, 24, 12) } = {}): Promise<Whole> {
  const folder = mkdtempSync(join(tmpdir(), "botel-api-"));
  const file = join(folder, "botel.db");
  const moment = { ms: nowMs };
  const clock = { now: () => moment.ms, mono: () => moment.ms };
  const retention = { facts: 90, debugLogs: 7, toolBodies: 30 };
  const store = createSqliteStore({
    file,
    zone,
    retention,
    maxBytes: 0,
    createDayFolder,
    folds: FOLDS_SIGNATURE,
    nowMs,
    clock: clock.mono,
  });
  const reader = openReader(file);
  const calendar = createCalendar(zone);
  const windows = createWindows({ ...reader, dayOf: calendar.dayOf, requestDay: (day) => setImmediate(fold, day) });
  windows.reset(store.commit);

  let closed = false;
  function fold(day: number): void {
    if (closed) return;
    const { commit } = store;
    const steps = store.foldDay(day);
    let step = steps.next();
    while (!step.done) step = steps.next();
    windows.install(day, commit, step.value);
  }

  const system = createSystem({
    version: "1.2.3",
    startMs: nowMs - 3_600_000,
    clock,
    hosted: false,
    demo: false,
    channels: [{ id: "configured", name: "Only configured", enabled: true }],
    failing: () => failingChannels(windows),
    probe: () => system.latency(store.probe()),
  });
  const answers = createAnswers({ windows, reader, calendar, system, now: clock.now });
  const panel = createPanelAnswers({
    answers,
    windows,
    lines: reader,
    requests: reader,
    calendar,
    system,
    keptDays: retention.facts,
    now: clock.now,
  });
  const channels = async () => (await answers.channels({ period: "all", groupId: undefined })).channels;
  const live = createLive({ start: "abc", clock, ringBytes: 4e6, clientBytes: 1e6, maxClients: 10, system, channels });
  const metrics = createMetrics({
    labelValues: 50,
    clock,
    system,
    live: live.counts,
    state: () => windows.state(metricsFold, EVERYTHING, {}),
  });
  onTestFinished(() => {
    closed = true;
    live.stop();
    system.close();
    reader.close();
    store.close();
    rmSync(folder, { recursive: true });
  });
  const api = await startApi({ answers: () => answers, panel: () => panel, system, live, metrics });
  system.ready();

  return {
    ...api,
    clock: moment,
    system,
    take(facts, states = [], links = []) {
      const { commit, changes, voided } = store.append([{ facts, links }], moment.ms);
      windows.apply(commit, changes);
      for (const day of voided) windows.voided(day, commit);
      system.changes(changes, states);
      live.changes(changes);
      return changes;
    },
    tick() {
      moment.ms += 1000;
      system.tick();
      live.tick();
    },
    async data<T>(path: string): Promise<T> {
      const answer = await api.get(path);
      const body: unknown = await answer.json();
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
      const { data } = ENDPOINTS.find((each) => routeOf(each).test(path.replace(/\?.*/s, ""))) as Endpoint;
      return success(data).parse(body).data as T;
    },
  };
}

function routeOf({ path }: Endpoint): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
