import { closeSync } from "node:fs";
import { openIfThere, readAt, sizeOf } from "./bytes.ts";
import { readWal } from "./wal.ts";

/**
 * The pages of an SQLite file that SQLite cannot read any more: each page for itself, the newest version of it, from the
 * file or its write-ahead log (https://www.sqlite.org/fileformat2.html).
 */
export interface Pages {
  readonly count: number;
  readonly size: number;
  /** @returns undefined where it cannot be read */
  page(n: number): Buffer | undefined;
  /** What the page is in use for, as the pages of pointers say, which every auto-vacuum file has. */
  use(n: number): PageUse | undefined;
  /** Whether it is one of those pages of pointers itself. */
  isMap(n: number): boolean;
  close(): void;
}

export interface PageUse {
  type: "root" | "free" | "overflow" | "overflowNext" | "node";
  /** The page that points to it; 0: none. */
  parent: number;
}

const USES = [undefined, "root", "free", "overflow", "overflowNext", "node"] as const;
const MAGIC = "SQLite format 3\0";
/** What botel's files have. */
const PAGE_SIZE = 4096;

export function openPages(file: string): Pages {
  const main = openIfThere(file);
  const log = openIfThere(`${file}-wal`);
  const wal = readWal(log);
  const header = main === undefined ? undefined : readAt(main, 0, 100);
  const size = headerPageSize(header) ?? wal?.pageSize ?? PAGE_SIZE;
  const ofFile = main === undefined ? 0 : Math.ceil(sizeOf(main) / size);
  const claimed = header !== undefined && headerPageSize(header) !== undefined ? header.readUInt32BE(28) : 0;
  // A header may be wrong about it, but not by pages that the file never had.
  const count = Math.max(ofFile, wal?.pageCount ?? 0, claimed <= ofFile * 2 ? claimed : 0);
  const perMap = Math.floor(size / 5) + 1;
  const maps = new Map<number, Buffer | undefined>();

  function page(n: number): Buffer | undefined {
    const inLog = wal?.offsets.get(n);
    if (inLog !== undefined && log !== undefined) return readAt(log, inLog, size);
    return main === undefined ? undefined : readAt(main, (n - 1) * size, size);
  }

  function use(n: number): PageUse | undefined {
    if (n < 3 || n > count) return undefined;
    const at = mapOf(n);
    if (n === at) return undefined;
    if (!maps.has(at)) maps.set(at, page(at));
    const map = maps.get(at);
    const entry = (n - at - 1) * 5;
    const type = USES[map?.[entry] ?? 0];
    const parent = map?.readUInt32BE(entry + 1) ?? 0;
    return type === undefined || parent > count ? undefined : { type, parent };
  }

  function mapOf(n: number): number {
    return Math.floor((n - 2) / perMap) * perMap + 2;
  }

  return {
    count,
    size,
    page,
    use,
    isMap: (n) => n > 1 && mapOf(n) === n,
    close() {
      for (const fd of [main, log]) if (fd !== undefined) closeSync(fd);
    },
  };
}

function headerPageSize(header: Buffer | undefined): number | undefined {
  if (header === undefined || header.toString("latin1", 0, 16) !== MAGIC) return undefined;
  const size = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
  return size >= 512 && (size & (size - 1)) === 0 ? size : undefined;
}
