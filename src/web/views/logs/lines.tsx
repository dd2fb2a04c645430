import type { LogRow, LogsData } from "../../../contract/wire/logs.ts";
import { Json } from "../../parts/json.tsx";
import { useViewer } from "../../words/viewer.ts";
import { Chips, Line } from "./line.tsx";
import { isReading, List } from "./list.tsx";
import type { Params } from "./toolbar.tsx";
import { usePages } from "./use-pages.ts";

const KINDS = { error: "bad", warn: "warn", info: "info", debug: "off" } as const;

/** `/api/logs`. */
export function Lines({ params, follow }: { params: Params; follow: boolean }) {
  const { words } = useViewer();
  const pages = usePages<LogRow>({
    path: "/api/logs",
    params: { level: params["level"], before: params["before"] },
    rowsOf: (data: LogsData) => data.logs,
    follow: () => follow && !isReading(),
  });
  const filtered = Boolean(params["level"] ?? params["before"]);
  return (
    <List name="log" title={words.logs.tabs.lines} pages={pages} filtered={filtered}>
      {(row) => (
        <Line
          at={row.timestamp}
          traceId={row.traceId}
          name={row.message}
          badge={<span class={`badge badge-${KINDS[row.level]}`}>{words.logs.levels[row.level]}</span>}
          more={<Json value={row.meta} />}
        >
          {row.message}
          <Chips of={[textOf(row.meta["userId"]), textOf(row.meta["model"])]} />
        </Line>
      )}
    </List>
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
