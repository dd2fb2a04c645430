import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The built page, as the repository holds it and botel serves it. */
export const BUILT = fileURLToPath(new URL("built/", import.meta.url));

/**
 * Builds the live page; the same sources give the same files, to the byte.
 *
 * @param outDir is emptied first
 */
export async function buildPage(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "/",
    logLevel: "warn",
    // Whatever NODE_ENV says.
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      outDir,
      emptyOutDir: true,
      // Nothing is inlined into the page: its policy lets scripts and styles come from files only.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: ["chrome123", "firefox120", "safari17.5"],
    },
  });
}

if (import.meta.main) await buildPage(BUILT);
