// `botel` and its parts, for an example that runs in this clone: their sources, as the package has their compiled ones.
import { registerHooks } from "node:module";

const SOURCES = { botel: "index.ts", "botel/ai": "ai.ts" };

registerHooks({
  resolve(specifier, context, next) {
    const source = SOURCES[specifier];
    return next(source === undefined ? specifier : new URL(`../../src/${source}`, import.meta.url).href, context);
  },
});
