import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
/** Those that the documentation shows. */
const SHOWN = ["now", "stats-dark-zh", "tool-calls", "trace", "now-phone"];

/** Takes the picture of a view; with `SHOTS=1` it becomes that of the documentation, else it is only seen to be one. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const keep = process.env["SHOTS"] === "1" && SHOWN.includes(name);
  if (keep) mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: keep ? `${FOLDER}${name}.png` : undefined, animations: "disabled" });
}
