import { createNoopLogger, createNoopMeter } from "@opentelemetry/api";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { OpenAIInstrumentation } from "@opentelemetry/instrumentation-openai";
import { PinoInstrumentation } from "@opentelemetry/instrumentation-pino";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { WinstonInstrumentation } from "@opentelemetry/instrumentation-winston";
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from "@opentelemetry/instrumentation";
import { register as hookImports, supportsSyncHooks } from "import-in-the-middle/register-hooks.mjs";
import { register as hookImportsAside } from "node:module";
import { textFrom } from "./environment.ts";
import type { Environment } from "./environment.ts";
import type { LocalApi } from "./place.ts";

const APIS = ["@opentelemetry/api", "@opentelemetry/api-logs"];

/** What is instrumented where the bot has it. Only what happens inside a turn gets a span of HTTP. */
const KEPT = {
  openai: () => new OpenAI(),
  http: () =>
    new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, requireParentforOutgoingSpans: true }),
  undici: () => new UndiciInstrumentation({ requireParentforSpans: true }),
  // The bot's own log lines stay as they are.
  pino: () => new PinoInstrumentation({ disableLogCorrelation: true }),
  winston: () => new WinstonInstrumentation({ disableLogCorrelation: true }),
};

type Name = keyof typeof KEPT;

/** The instrumentation knows clients up to 6; what it wraps is the same in 7. */
class OpenAI extends OpenAIInstrumentation {
  protected override init(): ReturnType<OpenAIInstrumentation["init"]> {
    const definitions = super.init();
    for (const { supportedVersions } of definitions) supportedVersions.push(">=7 <8");
    return definitions;
  }
}

/** Tells of every copy of the API that the bot loads: each has a place of its own until an SDK is registered. */
class ApiCopies extends InstrumentationBase {
  readonly #told: (api: LocalApi) => void;

  constructor(told: (api: LocalApi) => void) {
    super("botel", "", { enabled: false });
    this.#told = told;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return APIS.map(
      (name) =>
        new InstrumentationNodeModuleDefinition(name, [">=0.0.0"], (api: LocalApi) => {
          this.#told(api);
          return api;
        }),
    );
  }
}

export interface Instrumented {
  /**
   * Leaves to the bot's own SDK what its own instrumentations see: HTTP, and the log lines. Model calls go on: which of
   * two nested spans counts is decided anyway.
   */
  yieldTo(what: "spans" | "records"): void;
}

/**
 * Instruments what the bot will load: to be called before it does. `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS` choose among them, as with OpenTelemetry's own automatic start.
 *
 * @param heard is told of every copy of `@opentelemetry/api`
 */
export function instrumentModules(env: Environment, heard: (api: LocalApi) => void): Instrumented {
  const names = namesFrom(env);
  const modules = [...APIS, ...names.flatMap((name) => (name === "http" ? HTTP_MODULES : [name]))];
  const include = modules.filter((name) => name !== "undici"); // it is heard of by a diagnostics channel
  if (supportsSyncHooks()) hookImports({ include });
  else hookImportsAside("import-in-the-middle/hook.mjs", import.meta.url, { data: { include } });
  new ApiCopies(heard).enable();
  const running = names.map((name) => ({ name, instrumentation: KEPT[name]() }));
  // Their metrics are botel's own already; without a provider at all, openai's would throw into the bot.
  for (const { name, instrumentation } of running) {
    instrumentation.setMeterProvider({ getMeter: createNoopMeter });
    // Its records are events of content, which is no fact (contract §2), nor what a bot's backend asked for.
    if (name === "openai") instrumentation.setLoggerProvider({ getLogger: createNoopLogger });
  }
  return {
    yieldTo(what) {
      for (const { name, instrumentation } of running) if (YIELDING[what].includes(name)) instrumentation.disable();
    },
  };
}

const YIELDING: Record<"spans" | "records", readonly Name[]> = {
  spans: ["http", "undici"],
  records: ["pino", "winston"],
};

const HTTP_MODULES = ["http", "https", "node:http", "node:https"];

function namesFrom(env: Environment): Name[] {
  const enabled = listFrom(env, "OTEL_NODE_ENABLED_INSTRUMENTATIONS");
  const disabled = listFrom(env, "OTEL_NODE_DISABLED_INSTRUMENTATIONS") ?? [];
  return (Object.keys(KEPT) as Name[]).filter(
    (name) => (enabled === undefined || enabled.includes(name)) && !disabled.includes(name),
  );
}

function listFrom(env: Environment, variable: string): string[] | undefined {
  return textFrom(env, variable)
    ?.split(",")
    .map((name) => name.trim());
}
