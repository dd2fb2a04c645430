import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderGraph } from "./graph.ts";

it("ARCHITECTURE.md shows the folder graph as it is", () => {
  const text = readFileSync(join(import.meta.dirname, "../../ARCHITECTURE.md"), "utf8");
  const [, shown] = /<!-- folder graph -->\n```text\n([\s\S]*?)```/.exec(text) ?? [];
  expect(shown?.trimEnd().split("\n")).toEqual(folderGraph());
});
