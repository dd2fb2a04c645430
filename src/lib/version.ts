import { readFileSync } from "node:fs";

/** Of package.json: botel's own version, which `/api/system/status` and the build info show. */
export const VERSION = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
