import type { z } from "zod";
import type { ErrorCode } from "../contract/errors.ts";
import type { Parameters, Query } from "../contract/wire/query.ts";
import type { ApiDeps } from "./deps.ts";

/** One documented endpoint: its route, its validation and its description come from here. */
export interface Endpoint<P extends Parameters = Parameters, Data = unknown> {
  /** A parameter in it is in braces, as `/api/traces/{traceId}`. */
  path: string;
  summary: string;
  tag: "system" | "stats" | "logs" | "traces";
  parameters: P;
  data: z.ZodType<Data>;
  answer(query: Query<P>, deps: ApiDeps): Data | Promise<Data>;
  /** Status of an answer; 200 where absent. */
  status?(data: Data): 200 | 503;
  /** What it may answer beside the failures of every endpoint. */
  failures?: readonly ErrorCode[];
}

/** Keeps the types of one endpoint together, and forgets them for a list. */
export function endpoint<P extends Parameters, Data>(of: Endpoint<P, Data>): Endpoint {
  return of;
}
