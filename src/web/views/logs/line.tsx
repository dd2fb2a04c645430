import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
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
  // Thousands of lines may be there: what is folded is not drawn.
  const [open, setOpen] = useState(false);
  return (
    <div class={badge ? "line" : "line line-plain"}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <span class="line-time">
            <Time at={at} short />
          </span>
          {badge && <span class="line-badge">{badge}</span>}
          <span class="line-text">{children}</span>
        </summary>
        {open && <div class="line-more">{more}</div>}
      </details>
      {traceId && (
        <a class="line-trace small" href={traceHref(traceId, at)} aria-label={words.logs.traceOf(name)}>
          <Icon name="trace" />{" "}
          <span class="line-trace-word" aria-hidden="true">
            {words.logs.trace}
          </span>
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
