import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { createFormat, type Format } from "../show/format.ts";
import { en, type Words } from "./en.ts";
import { zh } from "./zh.ts";

export const LANGUAGES = { en: "English", zh: "中文" } as const;
export type Language = keyof typeof LANGUAGES;

/** In whose words, numbers and times the page speaks. */
export interface Viewer {
  language: Language;
  words: Words;
  format: Format;
}

/**
 * @param preferred the browser's languages, the best first
 * @param chosen the language that the viewer switched to
 */
export function createViewer(preferred: readonly string[], chosen?: Language): Viewer {
  const language = chosen ?? fitting(preferred);
  const [own = "en"] = preferred;
  // Numbers are in the viewer's own locale, unless another language was chosen than that locale's.
  const locale = chosen === undefined || own.startsWith(chosen) ? own : chosen === "zh" ? "zh-CN" : "en-GB";
  return { language, words: { en, zh }[language], format: createFormat(locale) };
}

function fitting(preferred: readonly string[]): Language {
  const known = preferred.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES);
  return (known as Language | undefined) ?? "en";
}

export const ViewerContext = createContext<Viewer>(createViewer(["en"]));

export function useViewer(): Viewer {
  return useContext(ViewerContext);
}
