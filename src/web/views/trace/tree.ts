import type { TraceSpan } from "../../../contract/wire/traces.ts";

/** A step at its place in the waterfall. */
export interface TraceRow {
  span: TraceSpan;
  /** 0 for what began the turn. */
  depth: number;
  children: number;
  /** Unlike any other row's. */
  key: string;
}

/**
 * Steps in the order of a waterfall: each before what it caused, those of one cause by their start.
 *
 * A log line belongs to the step that it was written in; a step whose cause is not there stands at the top.
 */
export function traceRows(spans: readonly TraceSpan[]): TraceRow[] {
  const steps = new Map(spans.flatMap((span) => (span.kind === "log" ? [] : [[span.spanId, span]])));
  const causeOf = ({ parentId, spanId }: TraceSpan): TraceSpan | undefined =>
    parentId === null || parentId === spanId ? undefined : steps.get(parentId);
  const caused = new Map<TraceSpan | undefined, TraceSpan[]>();
  for (const span of spans) caused.set(causeOf(span), [...(caused.get(causeOf(span)) ?? []), span]);

  const rows: TraceRow[] = [];
  const placed = new Set<TraceSpan>();
  function place(span: TraceSpan, depth: number): void {
    if (placed.has(span)) return;
    placed.add(span);
    const children = (caused.get(span) ?? []).toSorted((a, b) => a.start - b.start);
    rows.push({ span, depth, children: children.length, key: `${span.spanId} ${rows.length}` });
    for (const child of children) place(child, depth + 1);
  }
  const roots = (caused.get(undefined) ?? []).toSorted((a, b) => a.start - b.start);
  // What causes itself by a detour has no root: it is shown all the same.
  for (const span of [...roots, ...spans]) place(span, 0);
  return rows;
}

/** Rows that are seen when some are folded. @param folded keys of rows whose inner ones are not shown */
export function unfolded(rows: readonly TraceRow[], folded: ReadonlySet<string>): TraceRow[] {
  let hiddenBelow = Infinity;
  return rows.filter(({ depth, key }) => {
    if (depth > hiddenBelow) return false;
    hiddenBelow = folded.has(key) ? depth : Infinity;
    return true;
  });
}

/** Whether it is a call that another one counts for. */
export function isQuiet({ kind, counted }: TraceSpan): boolean {
  return !counted && kind !== "span" && kind !== "log";
}
