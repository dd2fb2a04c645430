import { logs, SeverityNumber } from "@opentelemetry/api";
import type { Attributes, Logger, LoggerProvider } from "@opentelemetry/api";
import { ATTRIBUTES } from "../contract/attributes.ts";
import type { Instrument } from "./api.ts";
import { quiet } from "./quiet.ts";

const SEVERITY = {
  error: SeverityNumber.ERROR,
  warn: SeverityNumber.WARN,
  info: SeverityNumber.INFO,
  debug: SeverityNumber.DEBUG,
} as const;

let provider: LoggerProvider | undefined;
let logger: Logger;

/** The logger of the SDK that is registered now; looked up anew only when that changes. */
export function currentLogger(): Logger {
  const current = logs.getLoggerProvider();
  if (current !== provider) {
    logger = current.getLogger("botel");
    provider = current;
  }
  return logger;
}

export const log: Instrument["log"] = (level, message, attributes, timeMs) => {
  quiet(() => {
    const error = message instanceof Error ? message : undefined;
    currentLogger().emit({
      severityNumber: SEVERITY[level],
      severityText: level.toUpperCase(),
      body: error === undefined ? message : error.message,
      attributes: error === undefined ? attributes : { ...exceptionAttributes(error), ...attributes },
      timestamp: timeMs,
    });
  });
};

function exceptionAttributes(error: Error): Attributes {
  return {
    [ATTRIBUTES.exceptionType[0]]: error.name,
    [ATTRIBUTES.exceptionMessage[0]]: error.message,
    [ATTRIBUTES.exceptionStack[0]]: error.stack,
  };
}
