import { query, useAnswer } from "../../answer.ts";
import type {
  ChannelRow,
  ChannelsData,
  ModelRow,
  ModelsData,
  ToolRow,
  ToolsData,
} from "../../../contract/wire/stats.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Ago } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { Answered } from "./answered.tsx";
import type { Selection } from "./period.ts";

/** What was used: models, tools, channels. */
export function UseTables({ period, groupId, turn }: Selection) {
  const { words } = useViewer();
  const of = { period, groupId };
  const models = useAnswer<ModelsData>(query("/api/stats/models", of), turn);
  const tools = useAnswer<ToolsData>(query("/api/stats/tools", of), turn);
  const channels = useAnswer<ChannelsData>(query("/api/stats/channels", of), turn);
  const columns = { models: useModelColumns(), tools: useToolColumns(), channels: useChannelColumns() };
  return (
    <>
      <div class="grid-2">
        <Answered answer={models} title={words.stats.models}>
          {(data) => (
            <DataTable
              name={`models-${period}`}
              title={words.stats.models}
              rows={data.models}
              columns={columns.models}
              sorted="requests"
              rowKey={({ model }) => model}
              busy={models.loading}
            />
          )}
        </Answered>
        <Answered answer={tools} title={words.stats.tools}>
          {(data) => (
            <DataTable
              name={`tools-${period}`}
              title={words.stats.tools}
              rows={data.tools}
              columns={columns.tools}
              sorted="calls"
              rowKey={({ name }) => name}
              busy={tools.loading}
            />
          )}
        </Answered>
      </div>
      <Answered answer={channels} title={words.stats.channels}>
        {(data) => (
          <DataTable
            name={`channels-${period}`}
            title={words.stats.channels}
            rows={data.channels}
            columns={columns.channels}
            sorted="requests"
            rowKey={({ id }) => id}
            busy={channels.loading}
          />
        )}
      </Answered>
    </>
  );
}

function useModelColumns(): Column<ModelRow>[] {
  const { words, format } = useViewer();
  const { columns } = words.stats;
  return [
    { key: "model", title: columns.model, value: ({ model }) => model },
    { key: "requests", title: columns.requests, value: ({ requests }) => requests, bar: true },
    { key: "tokens", title: words.counts.tokens, value: ({ tokens }) => tokens, bar: true },
    {
      key: "avgLatency",
      title: columns.avgLatency,
      value: ({ avgLatency }) => avgLatency,
      show: ({ avgLatency }) => format.duration(avgLatency),
    },
    { key: "errors", title: columns.errors, value: ({ errors }) => errors },
  ];
}

function useToolColumns(): Column<ToolRow>[] {
  const { words, format } = useViewer();
  const { columns, toolCallsOf } = words.stats;
  return [
    {
      key: "name",
      title: columns.tool,
      value: ({ name }) => name,
      show: ({ name }) => (
        <a href={href("logs/tools", { toolName: name })} title={toolCallsOf(name)}>
          {name}
        </a>
      ),
    },
    { key: "calls", title: columns.calls, value: ({ calls }) => calls, bar: true },
    {
      key: "avgDuration",
      title: columns.avgDuration,
      value: ({ avgDuration }) => avgDuration,
      show: ({ avgDuration }) => format.duration(avgDuration),
    },
    {
      key: "successRate",
      title: columns.successRate,
      value: ({ successRate }) => successRate,
      show: ({ successRate }) => format.percent(successRate),
    },
  ];
}

const KINDS = { active: "good", error: "bad", disabled: "off" } as const;

function useChannelColumns(): Column<ChannelRow>[] {
  const { words, format } = useViewer();
  const { columns } = words.stats;
  return [
    { key: "name", title: columns.channel, value: ({ name }) => name },
    {
      key: "status",
      title: columns.status,
      value: ({ status }) => status,
      show: ({ status }) => <span class={`state state-${KINDS[status]}`}>{words.now.channelStatus[status]}</span>,
    },
    { key: "requests", title: columns.requests, value: ({ requests }) => requests, bar: true },
    { key: "errors", title: columns.errors, value: ({ errors }) => errors },
    {
      key: "avgLatency",
      title: columns.avgLatency,
      value: ({ avgLatency }) => avgLatency,
      show: ({ avgLatency }) => format.duration(avgLatency),
    },
    {
      key: "lastUsed",
      title: columns.lastUsed,
      end: true,
      value: ({ lastUsed }) => lastUsed ?? "",
      show: ({ lastUsed }) => (lastUsed === null ? "–" : <Ago at={lastUsed} />),
    },
  ];
}
