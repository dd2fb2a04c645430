import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** Whether pictures become those of the documentation. */
export const KEEP = process.env["SHOTS"] === "1";

/** Takes the picture of a view; it is kept only where that was asked for. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  if (KEEP) mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: KEEP ? `${FOLDER}${name}.png` : undefined, animations: "disabled" });
}
