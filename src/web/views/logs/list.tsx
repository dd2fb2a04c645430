import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Download } from "../../parts/download.tsx";
import { Empty, Failed, Loading } from "../../parts/states.tsx";
import { setParams } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import type { Pages } from "./use-pages.ts";

/** New lines do not push away what is being read: past this many pixels they wait. */
const READING_PX = 240;

export function isReading(): boolean {
  return scrollY > READING_PX;
}

interface ListProps<Row> {
  name: string;
  title: string;
  pages: Pages<Row>;
  filtered: boolean;
  children: (row: Row) => ComponentChildren;
}

/** Lines of any kind, by days, with older ones coming as one scrolls down. */
export function List<Row extends { timestamp: string }>({ name, title, pages, filtered, children }: ListProps<Row>) {
  const { words, format } = useViewer();
  const { rows, next, top, loading, error, full } = pages;
  if (loading) return <Loading rows={8} />;
  if (rows.length === 0 && error) return <Failed error={error} onRetry={pages.retry} />;
  if (rows.length === 0) return <Empty>{filtered ? <NoMatch /> : words.states.nothing}</Empty>;
  let day = "";
  return (
    <>
      <div class="lines-head small soft">
        <span />
        <Download name={name} title={title} rows={rows} />
      </div>
      <ol class="lines" data-rows={rows.length}>
        {rows.flatMap((row, place) => {
          const its = format.day(localDate(row.timestamp));
          const isNew = its !== day;
          day = its;
          const line = <li key={top + place}>{children(row)}</li>;
          return isNew
            ? [
                <li key={`day ${top + place}`} class="lines-day">
                  {its}
                </li>,
                line,
              ]
            : [line];
        })}
      </ol>
      {error && <Failed error={error} onRetry={pages.more} />}
      {!error && next !== null && !full && <Older onSeen={pages.more} rows={rows.length} />}
      {full && next !== null && (
        <p class="lines-end">
          {words.logs.full}{" "}
          <button type="button" onClick={() => setParams({ before: next })}>
            {words.logs.goOn}
          </button>
        </p>
      )}
      {next === null && <p class="lines-end soft">{words.logs.end}</p>}
    </>
  );
}

/** The viewer's calendar day of a time. */
function localDate(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function NoMatch() {
  const { words } = useViewer();
  const none = { level: undefined, toolName: undefined, userId: undefined, status: undefined, before: undefined };
  return (
    <>
      {words.states.noMatch}{" "}
      <button type="button" onClick={() => setParams(none)}>
        {words.states.clear}
      </button>
    </>
  );
}

/** Asks for older lines when its place comes into view; a button for who does not scroll. */
function Older({ onSeen, rows }: { onSeen: () => void; rows: number }) {
  const { words } = useViewer();
  const place = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && onSeen(), {
      rootMargin: "600px",
    });
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, [rows]);
  return (
    <button type="button" ref={place} class="show-more" onClick={onSeen}>
      {words.logs.older}
    </button>
  );
}
