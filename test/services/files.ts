import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every file below a folder, by its name. One that is renamed or removed meanwhile is left out: it has another name then. */
export function filesOf(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const read = entries.flatMap(({ parentPath, name }) => {
    try {
      return [[name, readFileSync(join(parentPath, name))] as const];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
  return new Map(read);
}
