/**
 * The environment as OpenTelemetry reads it: blank is unset, a list is split at commas. The exporters themselves read
 * endpoints and headers from the process's own environment; here is only what decides which of them there are.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the first of the names that is set. */
export function textFrom(env: Environment, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = env[name]?.trim();
    if (text) return text;
  }
  return undefined;
}

/** @returns a number above 0; undefined where it is unset or none. */
export function numberFrom(env: Environment, name: string): number | undefined {
  const number = Number(textFrom(env, name) ?? Number.NaN);
  return number > 0 ? number : undefined;
}

export function isDisabled(env: Environment): boolean {
  return textFrom(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true";
}

export type Signal = "TRACES" | "LOGS" | "METRICS";

/** @returns the exporters asked for by `OTEL_<signal>_EXPORTER`; unset means none (contract §7). */
export function exporterNames(env: Environment, signal: Signal): string[] {
  const listed = textFrom(env, `OTEL_${signal}_EXPORTER`) ?? "";
  const names = new Set(listed.split(",").map((name) => name.trim()));
  names.delete("");
  return names.has("none") ? [] : [...names];
}

export type Protocol = "grpc" | "http/json" | "http/protobuf";

/** @returns what OTLP is spoken for the signal; undefined where the variable names something else. */
export function protocolOf(env: Environment, signal: Signal): Protocol | undefined {
  const named = textFrom(env, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, "OTEL_EXPORTER_OTLP_PROTOCOL");
  if (named === undefined) return "http/protobuf";
  return named === "grpc" || named === "http/json" || named === "http/protobuf" ? named : undefined;
}

/** @returns the URL that OTLP of the signal goes to; where the variable holds none, the exporter's default. */
export function endpointOf(env: Environment, signal: Signal, protocol: Protocol): URL {
  const named = textFrom(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, "OTEL_EXPORTER_OTLP_ENDPOINT") ?? "";
  const url = URL.parse(/^[a-z]+:\/\//i.test(named) ? named : `http://${named}`);
  return url ?? new URL(protocol === "grpc" ? "http://localhost:4317" : "http://localhost:4318");
}

const THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|\[::\])$/i;

/** @param ports that botel listens on */
export function isOwn(endpoint: URL, ports: readonly number[]): boolean {
  const port = Number(endpoint.port) || (endpoint.protocol === "https:" ? 443 : 80);
  return THIS_MACHINE.test(endpoint.hostname) && ports.includes(port);
}
