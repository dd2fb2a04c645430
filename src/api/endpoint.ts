import type { z } from "zod";
import type { Parameters, Query } from "../contract/wire/query.ts";
import type { ApiDeps } from "./deps.ts";

/** One documented endpoint: its route, its validation and its description come from here. */
export interface Endpoint<P extends Parameters = Parameters, Data = unknown> {
  path: string;
  summary: string;
  tag: "system" | "stats" | "logs";
  parameters: P;
  data: z.ZodType<Data>;
  answer(query: Query<P>, deps: ApiDeps): Data | Promise<Data>;
  /** Status of an answer; 200 where absent. */
  status?(data: Data): 200 | 503;
}

/** Keeps the types of one endpoint together, and forgets them for a list. */
export function endpoint<P extends Parameters, Data>(of: Endpoint<P, Data>): Endpoint {
  return of;
}
