import type { Pages } from "./pages.ts";

export type Value = null | number | bigint | string | Buffer;

/** One row of a table, or one entry of an index. */
export interface SqlRecord {
  /** Of a table; absent in an index, as tables without row ids are. */
  row?: number;
  values: Value[];
}

/** Kinds of b-tree pages, by their first byte. */
const [INDEX_NODE, TABLE_NODE, INDEX_LEAF, TABLE_LEAF] = [2, 5, 10, 13];

/** @returns whether the page is laid out as a page of a b-tree is; page 1 begins after the file's header */
export function isTreePage(page: Buffer, n: number): boolean {
  const head = n === 1 ? 100 : 0;
  const kind = page[head] as number;
  const cells = page.readUInt16BE(head + 3);
  const known = [INDEX_NODE, TABLE_NODE, INDEX_LEAF, TABLE_LEAF].includes(kind);
  return known && headLength(kind) + head + cells * 2 <= page.length;
}

/** The records that a page itself holds, undefined where one is not whole; a table's inner nodes hold none. */
export function* recordsOf(pages: Pages, n: number): Generator<SqlRecord | undefined> {
  const page = pages.page(n);
  if (page === undefined || !isTreePage(page, n)) return;
  const head = n === 1 ? 100 : 0;
  const kind = page[head] as number;
  if (kind === TABLE_NODE) return;
  const cells = head + headLength(kind);
  for (let i = 0; i < page.readUInt16BE(head + 3); i += 1) {
    yield readCell(pages, page, kind, page.readUInt16BE(cells + i * 2));
  }
}

function headLength(kind: number): number {
  return kind === INDEX_NODE || kind === TABLE_NODE ? 12 : 8;
}

function readCell(pages: Pages, page: Buffer, kind: number, at: number): SqlRecord | undefined {
  const reader = createReader(page, kind === INDEX_NODE ? at + 4 : at);
  const length = reader.varint();
  const row = kind === TABLE_LEAF ? reader.varint() : undefined;
  const payload = readPayload(pages, page, reader.at, length, kind === TABLE_LEAF);
  const values = payload && readRecord(payload);
  return values && { row, values };
}

/** What does not fit into its page goes on in a chain of others. */
function readPayload(pages: Pages, page: Buffer, at: number, length: number, ofTable: boolean): Buffer | undefined {
  const most = ofTable ? pages.size - 35 : Math.floor(((pages.size - 12) * 64) / 255) - 23;
  if (length <= most) return at + length <= page.length ? page.subarray(at, at + length) : undefined;
  if (length > pages.count * pages.size) return undefined;
  const least = Math.floor(((pages.size - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (pages.size - 4));
  const local = fitting <= most ? fitting : least;
  if (at + local + 4 > page.length) return undefined;
  const parts = [page.subarray(at, at + local)];
  let next = page.readUInt32BE(at + local);
  for (let left = length - local; left > 0;) {
    const type = pages.use(next)?.type;
    const more = type === undefined || type.startsWith("overflow") ? pages.page(next) : undefined;
    if (more === undefined) return undefined;
    parts.push(more.subarray(4, 4 + Math.min(left, pages.size - 4)));
    left -= pages.size - 4;
    next = more.readUInt32BE(0);
  }
  // A page of the chain that holds something else hardly ever ends it so.
  return next === 0 ? Buffer.concat(parts) : undefined;
}

/** @returns undefined where head and values do not fill the record exactly: it is none then */
function readRecord(payload: Buffer): Value[] | undefined {
  const head = createReader(payload, 0);
  const headEnd = head.varint();
  if (headEnd > payload.length) return undefined;
  const values: Value[] = [];
  let at = headEnd;
  while (head.at < headEnd) {
    const type = head.varint();
    const length = lengthOf(type);
    if (length === undefined || at + length > payload.length) return undefined;
    values.push(readValue(payload, at, type, length));
    at += length;
  }
  return head.at === headEnd && at === payload.length ? values : undefined;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

function lengthOf(type: number): number | undefined {
  if (type <= 6) return INTEGER_BYTES[type];
  if (type === 7) return 8;
  if (type === 8 || type === 9) return 0;
  return type >= 12 ? Math.floor((type - 12) / 2) : undefined;
}

function readValue(payload: Buffer, at: number, type: number, length: number): Value {
  if (type === 0) return null;
  if (type <= 5) return payload.readIntBE(at, length);
  if (type === 6) return narrow(payload.readBigInt64BE(at));
  if (type === 7) return payload.readDoubleBE(at);
  if (type <= 9) return type - 8;
  const bytes = payload.subarray(at, at + length);
  return type % 2 === 0 ? bytes : bytes.toString("utf8");
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function createReader(bytes: Buffer, start: number) {
  let at = start;
  return {
    get at() {
      return at;
    },
    /** Seven bits a byte, the last one has the eighth bit clear. Past 2^53, which nothing here needs, it is not exact. */
    varint(): number {
      let value = 0;
      for (let i = 0; i < 9; i += 1) {
        const byte = bytes[at] ?? 0;
        at += 1;
        value = value * 128 + (byte & 0x7f);
        if (byte < 0x80) break;
      }
      return value;
    },
  };
}
