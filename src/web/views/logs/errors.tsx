import type { ErrorRow, ErrorsData } from "../../../contract/wire/logs.ts";
import { useViewer } from "../../words/viewer.ts";
import { Chips, Line } from "./line.tsx";
import { isReading, List } from "./list.tsx";
import type { Params } from "./toolbar.tsx";
import { usePages } from "./use-pages.ts";

/** `/api/logs/errors`. */
export function Errors({ params, follow }: { params: Params; follow: boolean }) {
  const { words } = useViewer();
  const pages = usePages<ErrorRow>({
    path: "/api/logs/errors",
    params: { before: params["before"] },
    rowsOf: (data: ErrorsData) => data.errors,
    follow: () => follow && !isReading(),
  });
  return (
    <List name="errors" title={words.logs.tabs.errors} pages={pages} filtered={Boolean(params["before"])}>
      {(row) => (
        <Line
          at={row.timestamp}
          traceId={row.traceId}
          name={row.error}
          more={
            <>
              <h3>{words.logs.stack}</h3>
              {row.stack === null ? (
                <p class="soft small">{words.logs.noStack}</p>
              ) : (
                <pre class="json">{row.stack}</pre>
              )}
            </>
          }
        >
          {row.error}
          <Chips of={[row.context.channel, row.context.model]} />
        </Line>
      )}
    </List>
  );
}
