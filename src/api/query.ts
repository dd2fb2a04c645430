import { BotelError } from "../contract/errors.ts";
import type { Parameter, Parameters, Query } from "../contract/wire/query.ts";

const QUOTED = 60;

/**
 * Reads the known parameters out of a query string and a path; unknown ones are ignored (contract §3).
 *
 * @param text without the `?`
 * @param inPath values of those in the path, decoded
 * @throws {BotelError} INVALID_PARAMETER for a known one that is bad, empty or repeated, or absent where it is required,
 *   naming it and what it accepts
 */
export function readQuery<P extends Parameters>(
  text: string,
  parameters: P,
  inPath: Readonly<Record<string, string>> = {},
): Query<P> {
  const given = text === "" ? undefined : split(text, parameters);
  const query: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    query[name] =
      parameter.in === "path"
        ? check(name, inPath[name] ?? "", parameter)
        : readValue(name, given?.get(name), parameter);
  }
  return query as Query<P>;
}

/** Values of known parameters, as they came: still percent-encoded. */
function split(text: string, parameters: Parameters): Map<string, string> {
  const given = new Map<string, string>();
  for (const pair of text.split("&")) {
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    if (name === undefined || !Object.hasOwn(parameters, name)) continue;
    if (given.has(name)) throw refusal(name, parameters[name] as Parameter<unknown>, "it was given more than once");
    given.set(name, at < 0 ? "" : pair.slice(at + 1));
  }
  return given;
}

function readValue(name: string, raw: string | undefined, parameter: Parameter<unknown>): unknown {
  if (raw === undefined) {
    if (parameter.required) throw refusal(name, parameter, "it was not given");
    return parameter.fallback;
  }
  const value = decode(raw);
  if (value === undefined) throw refusal(name, parameter, "its percent-encoding is broken");
  return check(name, value, parameter);
}

function check(name: string, value: string, parameter: Parameter<unknown>): unknown {
  if (value === "") throw refusal(name, parameter, "it was empty");
  const read = parameter.schema.safeParse(value);
  if (read.success) return read.data;
  const quoted = JSON.stringify(value.length > QUOTED ? `${value.slice(0, QUOTED)}…` : value);
  throw refusal(name, parameter, `it was ${quoted}`);
}

function refusal(name: string, parameter: Parameter<unknown>, why: string): BotelError {
  return new BotelError("INVALID_PARAMETER", `\`${name}\` accepts ${parameter.accepts}; ${why}.`);
}

/** @returns undefined where the percent-encoding is broken. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
