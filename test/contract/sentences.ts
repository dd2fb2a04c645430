import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Sentence {
  /** The section's number. */
  section: number;
  /** Without emphasis and line breaks; code keeps its backticks. */
  text: string;
}

/** Sections whose every sentence a test must quote. */
const SECTIONS = [2, 3, 4, 5, 6, 9];

/** Every sentence of `docs/contract.md` §2–§6 and §9: of paragraphs, of bullets, and of the cells of its tables. */
export function sentences(): Sentence[] {
  const file = readFileSync(join(import.meta.dirname, "../../docs/contract.md"), "utf8");
  return file
    .split(/^## /m)
    .map((part) => ({ section: Number.parseInt(part, 10), body: part.replace(/^.*\n/, "") }))
    .filter(({ section }) => SECTIONS.includes(section))
    .flatMap(({ section, body }) =>
      blocks(body)
        .flatMap(split)
        .map((text) => ({ section, text })),
    );
}

function blocks(body: string): string[] {
  return body
    .replaceAll(/^\|.*\|\n\|[-| ]+\|\n/gm, "\n")
    .split(/\n\n|\n(?=- )|\n(?=\|)/)
    .flatMap((block) => (block.startsWith("|") ? cells(block) : [block.replace(/^- /, "")]))
    .map(plain);
}

/** The cells of a row but its first, which is a name; a pipe in code is escaped. */
function cells(row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(2);
}

/** Text as it is compared: no emphasis, single spaces, no escapes of the source that quotes it. */
export function plain(text: string): string {
  return text.replaceAll("**", "").replaceAll("\\", "").replaceAll(/\s+/g, " ").trim();
}

function split(block: string): string[] {
  return block.split(/(?<=[.;]) (?![^()]*\))/).filter((piece) => /[a-z]{3}/.test(piece));
}
