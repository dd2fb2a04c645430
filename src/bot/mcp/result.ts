/** Characters of a result that the model gets to read. */
const MAX_TEXT = 20_000;

interface Result {
  content?: unknown;
  structuredContent?: unknown;
  isError?: unknown;
}

/**
 * What a tool of an MCP server gave: its structured content where it has some, else its texts; pictures and the like are
 * named only.
 *
 * @throws {Error} where the server says that the call failed, in its words
 */
export function readResult(result: object): unknown {
  const { content, structuredContent, isError } = result as Result;
  const text = textOf(content);
  if (isError === true) throw new Error(text || "The tool failed");
  return structuredContent ?? { text };
}

function textOf(content: unknown): string {
  const parts = Array.isArray(content) ? (content as { type?: string; text?: unknown }[]) : [];
  const texts = parts.map(({ type, text }) => (typeof text === "string" ? text : `[${type ?? "unknown"}]`));
  return texts.join("\n").slice(0, MAX_TEXT);
}
