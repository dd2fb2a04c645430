import { BotelError } from "../../contract/errors.ts";
import { type BatchData, batchData } from "../../contract/wire/batch.ts";
import { batchParameters } from "../../contract/wire/query.ts";
import type { ApiDeps } from "../deps.ts";
import { endpoint, type Endpoint } from "../endpoint.ts";
import { failureOf } from "../failure.ts";
import { readQuery } from "../query.ts";

/**
 * `GET /api/batch`: several questions in one request, so that a view of the page costs one.
 *
 * @param endpoints that can be asked so: none with a parameter in its path
 */
export function batchEndpoint(endpoints: readonly Endpoint[]): Endpoint {
  const byPath = new Map(endpoints.map((each) => [each.path, each]));

  async function one(address: string, deps: ApiDeps): Promise<BatchData["answers"][number]> {
    const [path, query] = split(address);
    try {
      const asked = byPath.get(path);
      if (asked === undefined) throw notHere(path);
      const data = await asked.answer(readQuery(query, asked.parameters), deps);
      return { status: asked.status?.(data) ?? 200, body: { success: true, data } as never };
    } catch (error) {
      const { status, ...body } = failureOf(error, { method: "GET", path }, deps.report);
      return { status, body };
    }
  }

  return endpoint({
    path: "/api/batch",
    summary: "Several of these endpoints in one request",
    tag: "system",
    parameters: batchParameters,
    data: batchData,
    async answer({ paths }, deps) {
      return { answers: await Promise.all(paths.map((path) => one(path, deps))) };
    },
  });
}

function split(address: string): [string, string] {
  const at = address.indexOf("?");
  return at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at + 1)];
}

function notHere(path: string): BotelError {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  return new BotelError("NOT_FOUND", `${shown} is not asked in a batch.`);
}
