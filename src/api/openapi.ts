import type { Endpoint } from "./endpoint.ts";
export function openapi(endpoints: readonly Endpoint[]): unknown {
  return endpoints.length;
}
