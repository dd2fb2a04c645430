import type { ChannelRow } from "../contract/wire/stats.ts";

type Rows = readonly ChannelRow[] | undefined;

/** Looks at the channels' rows and tells each whose status is another than at the last look. */
export interface ChannelWatch {
  look(): void;
}

export function createChannelWatch(
  channels: () => Rows | Promise<Rows>,
  tell: (row: ChannelRow) => void,
): ChannelWatch {
  let before: ReadonlyMap<string, string> | undefined;
  let looking = false;

  function compare(rows: Rows): void {
    if (rows === undefined) return;
    for (const row of before === undefined ? [] : rows) if (before?.get(row.id) !== row.status) tell(row);
    before = new Map(rows.map(({ id, status }) => [id, status]));
  }

  return {
    look() {
      if (looking) return;
      const rows = channels();
      if (!(rows instanceof Promise)) {
        compare(rows);
        return;
      }
      looking = true;
      // Where the rows cannot be read, the next look tries again.
      rows.then(compare, () => {}).finally(() => (looking = false));
    },
  };
}
