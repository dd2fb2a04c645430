import { useMemo, useState } from "preact/hooks";
import type { TraceData } from "../../../contract/wire/traces.ts";
import { Icon } from "../../parts/icon.tsx";
import { useViewer } from "../../words/viewer.ts";
import { StepDetails } from "./step-details.tsx";
import { isQuiet, type TraceRow, traceRows, unfolded } from "./tree.ts";

/** A fourth of the time, and its multiples, are marked. */
const MARKS = [0, 0.25, 0.5, 0.75, 1];
/** A step shows at least this share of the whole. */
const LEAST = 0.004;

/** The steps of a turn, each with its bar of time. */
export function Waterfall({ data }: { data: TraceData }) {
  const { words, format } = useViewer();
  const rows = useMemo(() => traceRows(data.spans), [data]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<string>();
  const whole = Math.max(data.duration, ...data.spans.map(({ start, duration }) => start + duration), 1);
  const fold = (key: string) =>
    setFolded((before) => new Set(before.has(key) ? [...before].filter((each) => each !== key) : [...before, key]));
  return (
    <div class="waterfall">
      <div class="wf-scale small soft" aria-hidden="true">
        {MARKS.map((mark) => (
          <span key={mark} style={{ insetInlineStart: `${mark * 100}%` }}>
            {format.duration(mark * whole)}
          </span>
        ))}
      </div>
      <ol aria-label={words.trace.waterfall}>
        {unfolded(rows, folded).map((row) => (
          <Step
            key={row.key}
            row={row}
            whole={whole}
            folded={folded.has(row.key)}
            open={open === row.key}
            onFold={() => fold(row.key)}
            onOpen={() => setOpen(open === row.key ? undefined : row.key)}
          />
        ))}
      </ol>
    </div>
  );
}

interface StepProps {
  row: TraceRow;
  whole: number;
  folded: boolean;
  open: boolean;
  onFold: () => void;
  onOpen: () => void;
}

function Step({ row: { span, depth, children, key }, whole, folded, open, onFold, onOpen }: StepProps) {
  const { words, format } = useViewer();
  const failed = span.status === "error";
  return (
    <li
      class={["wf-row", `wf-${span.kind}`, failed && "wf-failed", isQuiet(span) && "wf-quiet"]
        .filter(Boolean)
        .join(" ")}
      data-span={span.spanId}
    >
      <div class="wf-line">
        <span class="wf-fold" style={{ marginInlineStart: `${Math.min(depth, 8) * 16}px` }}>
          {children > 0 && (
            <button
              type="button"
              class="fold"
              aria-expanded={!folded}
              aria-label={folded ? words.trace.unfold : words.trace.fold}
              onClick={onFold}
            />
          )}
        </span>
        <button
          type="button"
          class="wf-name"
          aria-expanded={open}
          aria-controls={`step ${key}`.replaceAll(" ", "-")}
          onClick={onOpen}
        >
          <Icon name={span.kind} />
          <span>
            <span class="unseen">{`${words.trace.level(depth + 1)}, ${words.trace.kinds[span.kind]}: `}</span>
            {nameOf(span)}
            {failed && <span class="unseen">{`, ${words.trace.status.error}`}</span>}
          </span>
        </button>
        <span class="wf-track" title={`${words.trace.offset} ${format.duration(span.start)}`}>
          <span class="wf-bar" style={barStyle(span, whole)} />
          <span class={`wf-time small ${isFull(span, whole) ? "wf-inside" : ""}`} style={timeStyle(span, whole)}>
            {span.kind === "log" ? `+${format.duration(span.start)}` : format.duration(span.duration)}
          </span>
        </span>
      </div>
      {open && (
        <div class="wf-more" id={`step ${key}`.replaceAll(" ", "-")}>
          <StepDetails span={span} />
        </div>
      )}
    </li>
  );
}

/** What it is about, where that says more than the span's name. */
function nameOf({ kind, name, model, tool }: TraceRow["span"]): string {
  if (kind === "request" && model) return model;
  if (kind === "tool" && tool) return tool;
  return name;
}

function barStyle({ start, duration }: TraceRow["span"], whole: number) {
  const share = Math.max(duration / whole, LEAST);
  const from = Math.min(Math.max(start / whole, 0), 1 - LEAST);
  return { insetInlineStart: `${from * 100}%`, inlineSize: `${Math.min(share, 1 - from) * 100}%` };
}

/** Whether its time has no room beside its bar. */
function isFull({ start, duration }: TraceRow["span"], whole: number): boolean {
  return start / whole <= 0.15 && (start + duration) / whole >= 0.85;
}

/** Beside the bar: behind it, or before it where there is no room behind. */
function timeStyle({ start, duration }: TraceRow["span"], whole: number) {
  const end = (start + duration) / whole;
  if (end < 0.85) return { insetInlineStart: `calc(${Math.max(end, 0) * 100}% + 8px)` };
  if (start / whole > 0.15) return { insetInlineEnd: `calc(${(1 - start / whole) * 100}% + 8px)` };
  return { insetInlineEnd: "8px" };
}
