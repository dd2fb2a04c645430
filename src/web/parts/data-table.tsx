import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useViewer } from "../words/viewer.ts";
import { Download } from "./download.tsx";
import { Icon } from "./icon.tsx";
import { Empty } from "./states.tsx";

export interface Column<Row> {
  key: string;
  title: string;
  /** What it is sorted by. */
  value: (row: Row) => number | string;
  show?: (row: Row) => ComponentChildren;
  /** Set at the end of its column, as numbers are. */
  end?: boolean;
  /** Its share of the largest is drawn under the number. */
  bar?: boolean;
  /** The server sorts by it: called in place of sorting here. */
  onSort?: () => void;
}

export interface Sort {
  key: string;
  descending: boolean;
}

export interface TableProps<Row extends object> {
  /** Of the downloaded files. */
  name: string;
  title: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  /** How the rows come. */
  sorted: string;
  rowKey: (row: Row) => string;
  busy?: boolean;
  more?: ComponentChildren;
}

/** A table that can be sorted and saved. */
export function DataTable<Row extends object>(props: TableProps<Row>) {
  const { name, title, rows, columns, sorted, rowKey, busy = false, more } = props;
  const [chosen, setChosen] = useState<Sort>();
  const sort = chosen ?? { key: sorted, descending: true };
  const column = columns.find(({ key }) => key === sort.key);
  const shown = chosen && column ? rows.toSorted(by(column, sort)) : rows;

  function choose(of: Column<Row>): void {
    if (of.onSort && of.key !== sort.key) {
      setChosen(undefined);
      return of.onSort();
    }
    const isNumber = rows[0] !== undefined && typeof of.value(rows[0]) === "number";
    setChosen({ key: of.key, descending: of.key === sort.key ? !sort.descending : isNumber });
  }

  return (
    <section class="card" aria-label={title} aria-busy={busy}>
      <div class="card-head">
        <h2>{title}</h2>
        <Download name={name} title={title} rows={shown} />
      </div>
      {rows.length === 0 ? (
        <Empty />
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label={title}>
          <table data-table={name.split("-")[0]}>
            <thead>
              <tr>
                {columns.map((each) => (
                  <Head
                    key={each.key}
                    column={each}
                    sort={sort}
                    onChoose={() => choose(each)}
                    number={isNumeric(each, rows)}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={rowKey(row)}>
                  {columns.map((each, place) => (
                    <Cell key={each.key} column={each} row={row} rows={rows} first={place === 0} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more}
    </section>
  );
}

function isNumeric<Row>({ value, end }: Column<Row>, [first]: readonly Row[]): boolean {
  return end === true || (first !== undefined && typeof value(first) === "number");
}

function by<Row>({ value }: Column<Row>, { descending }: Sort) {
  const sign = descending ? -1 : 1;
  return (a: Row, b: Row) => {
    const [left, right] = [value(a), value(b)];
    if (typeof left === "string" && typeof right === "string") return sign * left.localeCompare(right);
    return sign * (Number(left) - Number(right));
  };
}

function Head<Row>({
  column,
  sort,
  number,
  onChoose,
}: {
  column: Column<Row>;
  sort: Sort;
  number: boolean;
  onChoose: () => void;
}) {
  const { words } = useViewer();
  const active = sort.key === column.key;
  const order = sort.descending ? "descending" : "ascending";
  return (
    <th scope="col" class={number ? "number" : undefined} aria-sort={active ? order : undefined}>
      <button type="button" class="sort" title={words.table.sortBy(column.title)} onClick={onChoose}>
        <span>{column.title}</span>
        <span class={active ? "arrow" : "arrow arrow-off"}>
          <Icon name={active && !sort.descending ? "up" : "down"} />
        </span>
      </button>
    </th>
  );
}

function Cell<Row>({
  column,
  row,
  rows,
  first,
}: {
  column: Column<Row>;
  row: Row;
  rows: readonly Row[];
  first: boolean;
}) {
  const { format } = useViewer();
  const value = column.value(row);
  const shown = column.show ? column.show(row) : typeof value === "number" ? format.count(value) : value;
  const kind = column.end || typeof value === "number" ? "number" : undefined;
  if (first) return <th scope="row">{shown}</th>;
  if (!column.bar) return <td class={kind}>{shown}</td>;
  const largest = Math.max(...rows.map((each) => Number(column.value(each))), 1);
  return (
    <td class="number with-bar">
      {shown}
      <span class="bar" style={{ inlineSize: `${(Number(value) / largest) * 100}%` }} />
    </td>
  );
}
