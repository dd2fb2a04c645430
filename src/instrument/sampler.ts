import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { Sampler } from "@opentelemetry/sdk-trace";
import { textFrom } from "./environment.ts";
import type { Environment } from "./environment.ts";

/**
 * The sampler that `OTEL_TRACES_SAMPLER` asks for, except that what it does not sample is recorded: sampling never
 * changes a number (contract §2), and exporters still see only what is sampled.
 */
export function recordingSampler(env: Environment, warn: (line: string) => void): Sampler {
  return createAlwaysRecordSampler(askedSampler(env, warn));
}

function askedSampler(env: Environment, warn: (line: string) => void): Sampler {
  const name = textFrom(env, "OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const root = rootSampler(name.replace(/^parentbased_/, ""), env, warn);
  if (root === undefined) {
    warn(`OTEL_TRACES_SAMPLER=${name} is no sampler that is known: every trace is sampled`);
    return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, env: Environment, warn: (line: string) => void): Sampler | undefined {
  if (name === "always_on") return new AlwaysOnSampler();
  if (name === "always_off") return new AlwaysOffSampler();
  return name === "traceidratio" ? new TraceIdRatioBasedSampler(ratioFrom(env, warn)) : undefined;
}

function ratioFrom(env: Environment, warn: (line: string) => void): number {
  const text = textFrom(env, "OTEL_TRACES_SAMPLER_ARG");
  const ratio = Number(text ?? 1);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warn(`OTEL_TRACES_SAMPLER_ARG=${text} is no number from 0 to 1: every trace is sampled`);
  return 1;
}
