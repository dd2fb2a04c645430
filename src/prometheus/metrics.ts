import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import type { ReceiverCounts } from "../ingest/receiver.ts";
import type { SeriesStore } from "../ingest/series.ts";
import type { Change } from "../contract/fact.ts";
import type { Clock } from "../lib/clock.ts";
import type { LiveCounts } from "../live/live.ts";
import type { MetricsState } from "../rollups/metrics.ts";
import type { SystemView } from "../system/system.ts";
import { createFloors } from "./floors.ts";
import { createFactPoints, firstFactMs } from "./facts.ts";
import { addInside, addOthers, type Active, type ByOtlp } from "./inside.ts";
import { createLabels } from "./labels.ts";
import { createPlaces } from "./places.ts";
import { createPoints } from "./points.ts";
import { reexpose, type Reexposed } from "./reexposed.ts";
import { formatFor } from "./accept.ts";
import { createExemplars } from "./exemplars.ts";
import type { Format } from "./exposition.ts";
import type { Naming } from "./scopes.ts";

/** The folds and botel's own health as metrics (contract §8). */
export interface Metrics {
  /** What `GET /metrics` answers. @param accept the header of that name: who asks for OpenMetrics gets exemplars */
  render(accept?: string): Promise<{ contentType: string; body: string }>;
  /** The same under OpenTelemetry's names, for any other reader; plain data, made to cross threads. */
  collect(): Promise<ScopeMetrics[]>;
  /** What a commit changed: an example of each bucket is remembered. */
  see(changes: readonly Change[]): void;
  /** Facts may have been taken back: no counter goes down, what it showed is shown until new facts make up for it. */
  hold(): void;
}

export interface MetricsOptions {
  clock: Clock;
  /** Values of one label that keep their name; the rest is `other`. */
  labelValues: number;
  /** State of `metricsFold` over everything; undefined while the store is not there. */
  state: () => MetricsState | undefined | Promise<MetricsState | undefined>;
  system: Pick<SystemView, "inside" | "health" | "memory" | "inFlight">;
  live: () => LiveCounts;
  /** Requests that were not let in, by the reason; absent: nobody counts them. */
  requestsRefused?: () => Readonly<Record<string, number>>;
  /** Who is active; absent, or undefined while the store is not there: not shown. */
  active?: () => Active | undefined | Promise<Active | undefined>;
  /** What comes by OTLP; absent: nothing does. */
  otlp?: { counts: () => ReceiverCounts; series: Pick<SeriesStore, "now" | "refused"> };
}

const CONTENT_TYPE: Record<Format, string> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};
/** A state that has not come by then is left out of this scrape. */
const PATIENCE_MS = 5000;

export function createMetrics(options: MetricsOptions): Metrics {
  const { clock, system } = options;
  const labels = createLabels(options.labelValues);
  const places = createPlaces(labels);
  const facts = createFactPoints(places);
  const floors = createFloors();
  let scrapeMs: number | undefined;
  let sentText = "";
  let factsSince: number | undefined;
  let exposition: ((format: Format) => Promise<string>) | undefined;
  const exemplars = createExemplars();
  const underway = new Map<Format, Promise<string>>();

  // OpenTelemetry's packages take 30 MB: they are loaded when somebody asks.
  async function gather(naming: Naming): Promise<ScopeMetrics[]> {
    const { scopeMetrics } = await import("./scopes.ts");
    const active = await inTime(options.active?.());
    const state = await inTime(options.state());
    // From here to the end in one go: the state, which goes on changing, is of one moment.
    const points = createPoints(places);
    if (state !== undefined) {
      facts.add(points, state);
      floors.apply(points);
      if (naming === "prometheus") exemplars.illustrate(points);
      factsSince ??= firstFactMs(state);
    }
    const inside = system.inside();
    const sent = options.otlp && reexpose(options.otlp.series.now());
    if (naming === "prometheus") sentText = sent?.text ?? "";
    addInside(points, {
      active,
      system: inside,
      health: system.health(),
      memoryUsed: system.memory().used,
      inFlight: system.inFlight(),
      live: options.live(),
      requestsRefused: options.requestsRefused?.(),
      scrapeMs,
      otlp: options.otlp && sent && byOtlp(options.otlp, sent),
    });
    addOthers(points, labels.others(), places.others());
    const { version, startMs } = inside;
    return [scopeMetrics(points, naming, version, { factsSince: factsSince ?? startMs, startMs, nowMs: clock.now() })];
  }

  async function scrape(format: Format): Promise<string> {
    const since = clock.mono();
    const [{ createExposition }, { asOpenMetrics, END }] = await Promise.all([
      import("./exposition.ts"),
      import("./openmetrics.ts"),
    ]);
    exposition ??= createExposition(system.inside().version, () => gather("prometheus"));
    const own = await exposition(format);
    const body = format === "text" ? own + sentText : own + asOpenMetrics(sentText) + END;
    scrapeMs = clock.mono() - since;
    return body;
  }

  /** Scrapes at the same time are one. */
  function scrapeOnce(format: Format): Promise<string> {
    const known = underway.get(format);
    if (known !== undefined) return known;
    const made = scrape(format).finally(() => underway.delete(format));
    underway.set(format, made);
    return made;
  }

  return {
    async render(accept = "") {
      const format = formatFor(accept);
      return { contentType: CONTENT_TYPE[format], body: await scrapeOnce(format) };
    },
    collect: () => gather("opentelemetry"),
    see: (changes) => exemplars.see(changes),
    hold: floors.hold,
  };
}

function byOtlp({ counts, series }: NonNullable<MetricsOptions["otlp"]>, reexposed: Reexposed): ByOtlp {
  return { counts: counts(), reexposed, refused: series.refused() };
}

/** @returns undefined where it rejects or does not come in time: botel's own health is shown all the same. */
async function inTime<Value>(value: Value | Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([value, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
