// The folder graph of src/, as dependency-cruiser reads it: who imports values of whom, and who only types.
import { spawnSync } from "node:child_process";

interface Cruised {
  modules: { source: string; dependencies: { resolved: string; dependencyTypes: string[] }[] }[];
}

/** @returns one line a folder: `store → contract, lib (types: config)`; files right under src/ and its commands are `composition`. */
export function folderGraph(): string[] {
  const args = [
    "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
    "src",
    "--config",
    ".dependency-cruiser.mjs",
  ];
  const { stdout } = spawnSync(process.execPath, [...args, "--output-type", "json"], {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  const edges = new Map<string, { values: Set<string>; types: Set<string> }>();
  for (const { source, dependencies } of (JSON.parse(stdout) as Cruised).modules) {
    const from = folderOf(source);
    if (from === undefined) continue;
    const edge = edges.get(from) ?? { values: new Set<string>(), types: new Set<string>() };
    edges.set(from, edge);
    for (const { resolved, dependencyTypes } of dependencies) {
      const to = folderOf(resolved);
      if (to === undefined || to === from) continue;
      (dependencyTypes.includes("type-only") ? edge.types : edge.values).add(to);
    }
  }
  return [...edges].map(([from, edge]) => line(from, edge)).sort();
}

function folderOf(path: string): string | undefined {
  const [, first, more] = /^src\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  return first !== undefined && (more === undefined || first === "commands") ? "composition" : first;
}

function line(from: string, { values, types }: { values: Set<string>; types: Set<string> }): string {
  const only = [...types].filter((to) => !values.has(to)).sort();
  const own = [...values].sort();
  return `${from} → ${own.join(", ") || "nothing"}${only.length > 0 ? ` (types: ${only.join(", ")})` : ""}`;
}
