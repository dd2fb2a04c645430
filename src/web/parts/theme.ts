import { useEffect, useState } from "preact/hooks";
import { readChoice, writeChoice } from "./choice.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export function readTheme(): Theme {
  const chosen = readChoice("theme");
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

export function writeTheme(theme: Theme): void {
  writeChoice("theme", theme === "auto" ? undefined : theme);
}

export function showTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Grows when the system changes between light and dark. */
export function useSystemTheme(): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const onChange = () => setTurn((before) => before + 1);
    media.addEventListener("change", onChange);
    return () => media.removeEventListener("change", onChange);
  }, []);
  return turn;
}
