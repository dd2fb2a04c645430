import { rankingParameters, statsParameters } from "../../contract/wire/query.ts";
import { channelsData, groupsData, modelsData, statsData, toolsData, usersData } from "../../contract/wire/stats.ts";
import { endpoint } from "../endpoint.ts";
import { stored } from "./stored.ts";

export const statsEndpoints = [
  endpoint({
    path: "/api/stats",
    summary: "Totals of a period, and its days",
    tag: "stats",
    parameters: statsParameters,
    data: statsData,
    answer: (query, deps) => stored(deps).stats(query),
  }),
  endpoint({
    path: "/api/stats/models",
    summary: "Models by requests",
    tag: "stats",
    parameters: statsParameters,
    data: modelsData,
    answer: (query, deps) => stored(deps).models(query),
  }),
  endpoint({
    path: "/api/stats/tools",
    summary: "Tools by calls",
    tag: "stats",
    parameters: statsParameters,
    data: toolsData,
    answer: (query, deps) => stored(deps).tools(query),
  }),
  endpoint({
    path: "/api/stats/users",
    summary: "Users by messages or tokens",
    tag: "stats",
    parameters: rankingParameters,
    data: usersData,
    answer: (query, deps) => stored(deps).users(query),
  }),
  endpoint({
    path: "/api/stats/groups",
    summary: "Groups by messages or tokens",
    tag: "stats",
    parameters: rankingParameters,
    data: groupsData,
    answer: (query, deps) => stored(deps).groups(query),
  }),
  endpoint({
    path: "/api/stats/channels",
    summary: "Channels by requests, with their status",
    tag: "stats",
    parameters: statsParameters,
    data: channelsData,
    answer: (query, deps) => stored(deps).channels(query),
  }),
];
