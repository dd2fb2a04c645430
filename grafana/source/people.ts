import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  type Panel,
  TextBoxVariableBuilder,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { board } from "./board.ts";
import { INFINITY, InfinityQuery, type InfinityColumn } from "./infinity.ts";
import { link, type Size } from "./panels.ts";

/** What Prometheus must not hold, users, groups and logs, out of botel's JSON answers. */
export const people = () =>
  board({
    uid: "botel-people",
    title: "People and logs",
    description:
      "Users, groups, tool calls, errors and log lines, out of botel's JSON answers: no label of a metric names a person.",
    variables: [period(), group(), limit()],
    datasource: new DatasourceVariableBuilder("datasource").label("Data source").type(INFINITY),
    rows: [
      [
        "People",
        [
          list({
            title: "Totals",
            description: "Exact totals of the chosen days, in botel's time zone.",
            path: "/api/stats?period=$period$group",
            root: "data.summary",
            columns: [
              ["totalMessages", "Messages", "number"],
              ["aiResponses", "Responses", "number"],
              ["toolCalls", "Tool calls", "number"],
              ["tokensUsed", "Tokens", "number"],
              ["activeUsers", "Users", "number"],
              ["activeGroups", "Groups", "number"],
            ],
            size: { width: 24, height: 4 },
          }),
          list({
            title: "Users",
            description: "Whoever wrote a message, or had a request or a tool call made, by messages.",
            path: "/api/stats/users?period=$period$group&limit=$limit",
            root: "data.users",
            columns: [
              ["nickname", "User", "string"],
              ["userId", "Id", "string"],
              ["messages", "Messages", "number"],
              ["tokens", "Tokens", "number"],
              ["lastActive", "Last active", "timestamp"],
            ],
          }),
          list({
            title: "Groups",
            description: "By messages.",
            path: "/api/stats/groups?period=$period&limit=$limit",
            root: "data.groups",
            columns: [
              ["name", "Group", "string"],
              ["groupId", "Id", "string"],
              ["messages", "Messages", "number"],
              ["responses", "Responses", "number"],
              ["toolCalls", "Tool calls", "number"],
              ["tokens", "Tokens", "number"],
              ["activeUsers", "Users", "number"],
              ["lastActive", "Last active", "timestamp"],
            ],
          }),
        ],
      ],
      [
        "Logs",
        [
          list({
            title: "Errors",
            description:
              "Error records, failed requests and failed tool calls, newest first. A line leads to its turn.",
            path: "/api/logs/errors?limit=$limit",
            root: "data.errors",
            columns: [
              ["timestamp", "Time", "timestamp"],
              ["error", "Error", "string"],
              ["context.channel", "Channel", "string"],
              ["context.model", "Model", "string"],
              ["traceId", "Trace", "string"],
            ],
            size: WIDE,
          }),
          list({
            title: "Tool calls",
            description: "Newest first, with redacted arguments. A line leads to its turn.",
            path: "/api/logs/tools?limit=$limit",
            root: "data.logs",
            columns: [
              ["timestamp", "Time", "timestamp"],
              ["toolName", "Tool", "string"],
              ["status", "Status", "string"],
              ["duration", "Duration in ms", "number"],
              ["userId", "User", "string"],
              ["traceId", "Trace", "string"],
            ],
            size: WIDE,
          }),
          list({
            title: "Log lines",
            description: "Newest first. A line leads to its turn.",
            path: "/api/logs?limit=$limit",
            root: "data.logs",
            columns: [
              ["timestamp", "Time", "timestamp"],
              ["level", "Level", "string"],
              ["message", "Message", "string"],
              ["traceId", "Trace", "string"],
            ],
            size: WIDE,
          }),
        ],
      ],
    ],
  });

const WIDE: Size = { width: 24, height: 9 };

interface List {
  title: string;
  description: string;
  path: string;
  /** Where the rows are in the answer. */
  root: string;
  columns: [selector: string, text: string, type: InfinityColumn["type"]][];
  size?: Size;
}

function list({ title, description, path, root, columns, size = { width: 12, height: 10 } }: List): Builder<Panel> {
  const named = columns.map(([selector, text, type]) => ({ selector, text, type }));
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .datasource({ type: INFINITY, uid: "$datasource" })
    .height(size.height)
    .span(size.width)
    .withTarget(new InfinityQuery(path, root, named));
  if (!columns.some(([selector]) => selector === "traceId")) return panel;
  // The store looks for a trace beside a time: the row has both.
  const url = "${botel}/#/trace/${__data.fields.Trace}?at=${__data.fields.Time.numeric}";
  return panel.overrideByName("Trace", [{ id: "links", value: [link("The turn", url).build()] }]);
}

function period(): Builder<VariableModel> {
  return new CustomVariableBuilder("period")
    .label("Period")
    .values("day,week,month,all")
    .current({ text: "week", value: "week" });
}

function group(): Builder<VariableModel> {
  return new TextBoxVariableBuilder("group")
    .label("Only a group")
    .description("`&groupId=` and the group's id; empty: everything.")
    .defaultValue("")
    .current({ text: "", value: "" });
}

function limit(): Builder<VariableModel> {
  return new CustomVariableBuilder("limit").label("Lines").values("20,50,100,500").current({ text: "50", value: "50" });
}
