import type { APICallError } from "@ai-sdk/provider";

/** Why an attempt failed, beside an HTTP status as text (`429`). */
type FailureCode = "timeout" | "connection" | "stream_ended" | "too_long" | "aborted" | (string & {});

/** One attempt that failed. `code` is its `error.type`: few values, no free text. */
export class AttemptError extends Error {
  override name = "AttemptError";
  readonly code: FailureCode;
  /** ms that the provider asks to wait. */
  readonly retryAfter?: number;

  constructor(code: FailureCode, message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
  }

  /** The same attempt may succeed in a moment. */
  get passing(): boolean {
    return ["429", "timeout", "connection", "stream_ended"].includes(this.code) || this.code.startsWith("5");
  }

  /** It says something about the channel, not about what was asked of it, nor about ourselves. */
  get counts(): boolean {
    return this.code !== "400" && this.code !== "aborted" && this.code !== "too_long";
  }
}

/** Why a bot that stops ends what is under way. */
export const STOPPING = "The bot is stopping";

/** Characters of a provider's own words that are kept. */
const MAX_MESSAGE = 300;

/** @param error what the AI SDK threw; an {@link AttemptError} stays what it is */
export function toAttemptError(error: unknown): AttemptError {
  if (error instanceof AttemptError) return error;
  const { statusCode, responseHeaders, message } = error as Partial<APICallError>;
  const text = (message ?? String(error)).slice(0, MAX_MESSAGE);
  if (statusCode === undefined) return new AttemptError("connection", text, { cause: error });
  return new AttemptError(String(statusCode), text, { cause: error, retryAfter: retryAfter(responseHeaders) });
}

/** @param said what the provider said was wrong, if anything */
export function streamEnded(said: unknown): AttemptError {
  const text = (said as Partial<Error> | undefined)?.message ?? "The answer's stream ended early";
  return new AttemptError("stream_ended", text.slice(0, MAX_MESSAGE), { cause: said });
}

function retryAfter(headers: Record<string, string> | undefined): number | undefined {
  const seconds = Number(headers?.["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
