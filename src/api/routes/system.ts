import { healthData, infoData, statusData } from "../../contract/wire/system.ts";
import { endpoint } from "../endpoint.ts";

export const systemEndpoints = [
  endpoint({
    path: "/api/system/status",
    summary: "Status of botel and of the bot",
    tag: "system",
    parameters: {},
    data: statusData,
    answer: (_query, { system }) => system.status(),
  }),
  endpoint({
    path: "/api/system/info",
    summary: "What is built in and what is on",
    tag: "system",
    parameters: {},
    data: infoData,
    answer: (_query, { system }) => system.info(),
  }),
  endpoint({
    path: "/api/system/health",
    summary: "Health checks; 503 with the same data where one is `error`",
    tag: "system",
    parameters: {},
    data: healthData,
    answer: (_query, { system }) => system.health(),
    status: (data) => (data.healthy ? 200 : 503),
  }),
];
