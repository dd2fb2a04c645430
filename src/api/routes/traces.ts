import { BotelError } from "../../contract/errors.ts";
import { traceParameters } from "../../contract/wire/query.ts";
import { traceData } from "../../contract/wire/traces.ts";
import { endpoint } from "../endpoint.ts";
import { stored } from "./stored.ts";

export const traceEndpoints = [
  endpoint({
    path: "/api/traces/{traceId}",
    summary: "A turn: a message and all that it caused, in the order of start",
    tag: "traces",
    parameters: traceParameters,
    data: traceData,
    failures: ["NOT_FOUND"],
    async answer(query, deps) {
      const data = await stored(deps).trace(query);
      if (data) return data;
      throw new BotelError(
        "NOT_FOUND",
        "Nothing is kept of this trace within 15 minutes of `at`; give the trace id and the time of one fact.",
      );
    },
  }),
];
