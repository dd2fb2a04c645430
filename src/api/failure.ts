import { randomUUID } from "node:crypto";
import { BotelError, type ErrorCode } from "../contract/errors.ts";
import type { Failure } from "../contract/wire/envelope.ts";
import type { ApiDeps } from "./deps.ts";

/** What an error is answered (contract §3): one that botel raised as it is, any other by an id only, which is in its log. */
export function failureOf(
  error: unknown,
  asked: { method: string; path: string },
  report: ApiDeps["report"],
): Failure & { status: number } {
  if (error instanceof BotelError) return failure(error.code, error.message, error.status);
  const requestId = randomUUID();
  report({ requestId, method: asked.method, path: asked.path, error });
  const sentence = `botel failed to answer; look for ${requestId} in its log.`;
  return { ...failure("INTERNAL", sentence, 500), requestId };
}

function failure(code: ErrorCode, sentence: string, status: number): Failure & { status: number } {
  return { status, success: false, error: sentence, code };
}
