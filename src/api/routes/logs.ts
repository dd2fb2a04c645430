import { errorsData, logsData, toolLogsData } from "../../contract/wire/logs.ts";
import { errorLogParameters, logParameters, toolLogParameters } from "../../contract/wire/query.ts";
import { endpoint } from "../endpoint.ts";
import { stored } from "./stored.ts";

export const logsEndpoints = [
  endpoint({
    path: "/api/logs",
    summary: "Log lines, newest first",
    tag: "logs",
    parameters: logParameters,
    data: logsData,
    answer: (query, deps) => stored(deps).logs(query),
  }),
  endpoint({
    path: "/api/logs/tools",
    summary: "Tool calls, newest first",
    tag: "logs",
    parameters: toolLogParameters,
    data: toolLogsData,
    answer: (query, deps) => stored(deps).toolLogs(query),
  }),
  endpoint({
    path: "/api/logs/errors",
    summary: "Error records, failed requests and failed tool calls, newest first",
    tag: "logs",
    parameters: errorLogParameters,
    data: errorsData,
    answer: (query, deps) => stored(deps).errors(query),
  }),
];
