import { useLive, useNow } from "../live/use-live.ts";
import { useViewer } from "../words/viewer.ts";

/** How long the page says that it is live again. */
const BACK_MS = 8000;

/** Says in words when the stream is cut, and when it is back. */
export function LinkNote() {
  const { words, format } = useViewer();
  const { link, since, back } = useLive(({ link, since, back }) => ({ link, since, back }));
  const now = useNow(1000);
  const cut = link === "cut";
  const isBack = !cut && back !== undefined && now - back.atMs < BACK_MS;
  return (
    <div role="status" class="notes">
      {cut && (
        <p class="note note-cut">
          {words.link.cutFor(format.duration(Math.max(1000, Math.floor((now - since) / 1000) * 1000)))}
        </p>
      )}
      {isBack && (
        <p class={`note ${back.lost ? "note-cut" : "note-back"}`}>
          {back.lost ? words.link.backLost : words.link.back}
        </p>
      )}
    </div>
  );
}

export function DemoNote() {
  const { words } = useViewer();
  const demo = useLive(({ status }) => status?.demo ?? false);
  if (!demo) return null;
  return (
    <aside class="note note-demo">
      <strong>{words.demo.title}</strong> {words.demo.text}
    </aside>
  );
}
