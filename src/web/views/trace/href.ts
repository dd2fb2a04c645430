import { href } from "../../route.ts";

/** Where a turn is shown. @param at time of the fact that leads there, as the API wrote it */
export function traceHref(traceId: string, at: string): string {
  return href(`trace/${traceId}`, { at });
}
