import { useNow } from "../live/use-live.ts";
import { exactUtc } from "../show/format.ts";
import { useViewer } from "../words/viewer.ts";

/** A time in the viewer's zone, with the exact UTC on hover. @param at as the API writes it */
export function Time({ at, short = false }: { at: string; short?: boolean }) {
  const { format } = useViewer();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={exactUtc(at)}>
      {short ? format.clock(ms) : format.dateTime(ms)}
    </time>
  );
}

/** How long ago a time was. */
export function Ago({ at }: { at: string }) {
  const { format } = useViewer();
  const now = useNow(5000);
  return (
    <time dateTime={at} title={exactUtc(at)}>
      {format.ago(now - Date.parse(at))}
    </time>
  );
}
