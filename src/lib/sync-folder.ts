import { closeSync, fsyncSync, openSync } from "node:fs";

/** A rename is durable only when its folder is; where a folder cannot be opened (Windows) it is so by itself. */
export function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(folder, "r");
    fsyncSync(handle);
  } catch {
    // Nothing more can be done about it, and the file itself is whole.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
