import { readFileSync } from "node:fs";

/** One documented call, with the answer that the page shows for it. */
export interface Documented {
  path: string;
  /** Absent where the page shows none. */
  example?: { success: true; data: unknown };
}

interface Block {
  language: string;
  text: string;
}

/** The page as it was published, word for word: a block of code follows a line that names its language. */
const lines = readFileSync(new URL("published-page.txt", import.meta.url), "utf8").split("\n");
/** What follows a block that is no single object. */
const HEADINGS = new Set(["事件类型", "cURL", "下一步"]);
const LANGUAGES = new Set(["http", "json", "javascript", "bash"]);

const blocks: Block[] = lines.flatMap((language, at) =>
  LANGUAGES.has(language) ? [{ language, text: codeFrom(at + 1, language) }] : [],
);

/** A one-line call, an object until it closes, or code until the page's next heading. */
function codeFrom(start: number, language: string): string {
  if (language === "http") return lines[start] ?? "";
  const ends = (line: string) => (language === "json" ? line === "}" : HEADINGS.has(line));
  const length = lines.slice(start).findIndex(ends) + (language === "json" ? 1 : 0);
  return lines.slice(start, start + length).join("\n");
}

/** Every endpoint of the page, in its order. */
export const documented: Documented[] = blocks.flatMap(({ language, text }, at) => {
  if (language !== "http") return [];
  const after = blocks[at + 1];
  const path = text.replace("GET ", "");
  return [after?.language === "json" ? { path, example: JSON.parse(after.text) as Documented["example"] } : { path }];
});

export const snippets: string[] = textsOf("javascript");
export const shell: string[] = textsOf("bash");

function textsOf(language: string): string[] {
  return blocks.filter((block) => block.language === language).map(({ text }) => text.trim());
}
