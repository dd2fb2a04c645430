import { readAt, sizeOf } from "./bytes.ts";

/** The pages of a write-ahead log, as far as SQLite itself would take them: up to its last whole commit. */
export interface WalPages {
  pageSize: number;
  /** Where in the file the newest version of a page begins. */
  offsets: Map<number, number>;
  /** Pages of the database after its last commit. */
  pageCount: number;
}

const HEADER = 32;
const FRAME = 24;
const MAGIC = 0x377f0682;

/** @returns undefined where there is no log that begins as one does */
export function readWal(fd: number | undefined): WalPages | undefined {
  const header = fd === undefined ? undefined : readAt(fd, 0, HEADER);
  if (fd === undefined || header === undefined || (header.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return undefined;
  const pageSize = header.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const sum = createChecksum((header.readUInt32BE(0) & 1) === 1);
  if (!sum.add(header.subarray(0, 24)).equals(header.subarray(24))) return undefined;

  const wal: WalPages = { pageSize, offsets: new Map(), pageCount: 0 };
  const uncommitted = new Map<number, number>();
  const step = FRAME + pageSize;
  for (let at = HEADER; at + step <= sizeOf(fd); at += step) {
    const frame = readAt(fd, at, step);
    if (frame === undefined || !frame.subarray(8, 16).equals(header.subarray(16, 24))) break;
    if (!sum.add(frame.subarray(0, 8)).add(frame.subarray(FRAME)).equals(frame.subarray(16, FRAME))) break;
    uncommitted.set(frame.readUInt32BE(0), at + FRAME);
    const pageCount = frame.readUInt32BE(4);
    if (pageCount === 0) continue;
    for (const [page, offset] of uncommitted) wal.offsets.set(page, offset);
    uncommitted.clear();
    wal.pageCount = pageCount;
  }
  return wal;
}

/** The log's running checksum: each frame's is made of all before it. */
function createChecksum(bigEndian: boolean) {
  let [a, b] = [0, 0];
  return {
    add(bytes: Buffer) {
      for (let at = 0; at < bytes.length; at += 8) {
        a = (a + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
        b = (b + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
      }
      return this;
    },
    equals: (stored: Buffer) => stored.readUInt32BE(0) === a && stored.readUInt32BE(4) === b,
  };
}
