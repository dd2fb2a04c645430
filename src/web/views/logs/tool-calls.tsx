import type { ToolLogRow, ToolLogsData } from "../../../contract/wire/logs.ts";
import { Json } from "../../parts/json.tsx";
import { useViewer } from "../../words/viewer.ts";
import { Chips, Line } from "./line.tsx";
import { isReading, List } from "./list.tsx";
import type { Params } from "./toolbar.tsx";
import { usePages } from "./use-pages.ts";

const FILTERS = ["toolName", "userId", "status", "before"] as const;

/** `/api/logs/tools`. */
export function ToolCalls({ params, follow }: { params: Params; follow: boolean }) {
  const { words, format } = useViewer();
  const pages = usePages<ToolLogRow>({
    path: "/api/logs/tools",
    params: Object.fromEntries(FILTERS.map((name) => [name, params[name]])),
    rowsOf: (data: ToolLogsData) => data.logs,
    follow: () => follow && !isReading(),
  });
  return (
    <List name="tools-log" title={words.logs.tabs.tools} pages={pages} filtered={FILTERS.some((name) => params[name])}>
      {(row) => (
        <Line
          at={row.timestamp}
          traceId={row.traceId}
          name={row.toolName}
          badge={
            <span class={`badge badge-${row.status === "error" ? "bad" : "good"}`}>
              {words.logs.outcomes[row.status]}
            </span>
          }
          more={<CallDetails row={row} />}
        >
          {row.toolName}
          <code class="line-args soft">{row.args === null ? "" : JSON.stringify(row.args)}</code>
          <Chips of={[format.duration(row.duration), row.userId]} />
        </Line>
      )}
    </List>
  );
}

function CallDetails({ row: { args, result, truncated } }: { row: ToolLogRow }) {
  const { words } = useViewer();
  return (
    <div class="pair">
      {(
        [
          ["args", args],
          ["result", result],
        ] as const
      ).map(([name, value]) => (
        <div key={name}>
          <h3>{words.logs[name]}</h3>
          {value === null ? <p class="soft small">{words.logs.none}</p> : <Json value={value} />}
        </div>
      ))}
      {truncated && <p class="soft small">{words.logs.truncated}</p>}
    </div>
  );
}
