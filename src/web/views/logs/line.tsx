import type { ComponentChildren } from "preact";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { useViewer } from "../../words/viewer.ts";
import { traceHref } from "../trace/href.ts";

interface LineProps {
  at: string;
  traceId?: string;
  /** What it says, for the name of its link. */
  name: string;
  badge?: ComponentChildren;
  children: ComponentChildren;
  /** What is unfolded. */
  more: ComponentChildren;
}

/** One line that unfolds, with a way to its turn. */
export function Line({ at, traceId, name, badge, children, more }: LineProps) {
  const { words } = useViewer();
  return (
    <div class={badge ? "line" : "line line-plain"}>
      <details>
        <summary>
          <span class="line-time">
            <Time at={at} short />
          </span>
          {badge && <span class="line-badge">{badge}</span>}
          <span class="line-text">{children}</span>
        </summary>
        <div class="line-more">{more}</div>
      </details>
      {traceId && (
        <a class="line-trace small" href={traceHref(traceId, at)} title={words.logs.traceOf(name)}>
          <Icon name="trace" /> <span class="line-trace-word">{words.logs.trace}</span>
        </a>
      )}
    </div>
  );
}

/** Short facts beside a line's text. */
export function Chips({ of }: { of: readonly (string | null | undefined)[] }) {
  return (
    <span class="chips">
      {of.map(
        (text) =>
          text && (
            <span key={text} class="badge">
              {text}
            </span>
          ),
      )}
    </span>
  );
}
