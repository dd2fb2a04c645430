import type { ComponentChildren } from "preact";
import type { AskError } from "../answer.ts";
import { useViewer } from "../words/viewer.ts";

/** Something is under way; said to those who do not see it. */
export function Loading({ rows = 3 }: { rows?: number }) {
  const { words } = useViewer();
  return (
    <div class="skeleton" role="status">
      <span class="unseen">{words.states.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="bone" />
      ))}
    </div>
  );
}

/** What went wrong, in botel's own sentence, and what to do. */
export function Failed({ error, onRetry }: { error: AskError; onRetry?: () => void }) {
  const { words } = useViewer();
  const offline = error.code === "OFFLINE";
  return (
    <div class="failed" role="alert">
      <p>{offline ? words.states.offline : `${words.states.failed} ${error.message}`}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {words.states.retry}
        </button>
      )}
    </div>
  );
}

export function Empty({ children }: { children?: ComponentChildren }) {
  const { words } = useViewer();
  return <p class="empty">{children ?? words.states.nothing}</p>;
}
