import { useState } from "preact/hooks";
import { href, setParams } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { Errors } from "./errors.tsx";
import { type Params, Toolbar } from "./toolbar.tsx";
import { Lines } from "./lines.tsx";
import { ToolCalls } from "./tool-calls.tsx";

const TABS = ["lines", "tools", "errors"] as const;
type Tab = (typeof TABS)[number];

/** Lines, tool calls and errors: each with its filters, all of them in the address. */
export function LogsView({ tab: asked, params }: { tab: string; params: Params }) {
  const { words } = useViewer();
  const [follow, setFollow] = useState(true);
  const tab: Tab = TABS.find((each) => each === asked) ?? "lines";
  const List = { lines: Lines, tools: ToolCalls, errors: Errors }[tab];
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.logs.title}</h1>
        <nav class="tabs" aria-label={words.logs.title}>
          {TABS.map((each) => (
            <a
              key={each}
              href={href(each === "lines" ? "logs" : `logs/${each}`)}
              aria-current={each === tab ? "page" : undefined}
            >
              {words.logs.tabs[each]}
            </a>
          ))}
        </nav>
      </div>
      <section class="card lines-card" aria-label={words.logs.tabs[tab]}>
        <Toolbar tab={tab} params={params} follow={follow} onFollow={setFollow} onParams={setParams} />
        <List key={tab} params={params} follow={follow && !params["before"]} />
      </section>
    </div>
  );
}
