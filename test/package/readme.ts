import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @returns the first block of code of the language in a document of this repository */
export function codeOf(file: string, language: string): string {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  const code = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(text)?.[1];
  if (code === undefined) throw new Error(`${file} has no block of ${language}`);
  return code;
}

/** Writes a bot that has what the documents take for given: a client, messages, a way to reply, a die. */
export function writeBot(file: string, code: string): void {
  const lines = [
    'import OpenAI from "openai";',
    'import { messages, modelUrl, say, untilTold } from "../world.mjs";',
    'const client = new OpenAI({ baseURL: modelUrl, apiKey: "k", maxRetries: 0 });',
    "const reply = async () => undefined;",
    "const roll = () => 6;",
    code,
    'say("done");',
    "await untilTold();",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
}
