import { fstatSync, openSync, readSync } from "node:fs";

/** @returns undefined where there is no such file */
export function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

/** @returns undefined where the file ends before, or the disk does not give them */
export function readAt(fd: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  try {
    return readSync(fd, bytes, 0, length, at) === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}
