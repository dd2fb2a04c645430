import { existsSync } from "node:fs";

/** @returns a name for a damaged file that is kept: `botel.db.damaged`, `botel.db.damaged-2`, … */
export function asideOf(file: string): string {
  for (let n = 1; ; n += 1) {
    const name = `${file}.damaged${n === 1 ? "" : `-${n}`}`;
    if (!existsSync(name)) return name;
  }
}
