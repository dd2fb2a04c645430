import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { onTestFinished } from "vitest";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium, without what it would look up elsewhere by itself. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Promise<Browser> | undefined;

/** Ends the browser of this test file: for `afterAll`. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** A page as one viewer has it, and what it complained of. */
export interface Viewed {
  page: Page;
  /** Errors of the console, exceptions, and requests that failed or went to another host. */
  complaints: string[];
}

/** Opens a page in a profile of its own, until the test ends. @param address with its `#` */
export async function view(address: string, options: BrowserContextOptions = {}): Promise<Viewed> {
  // A new profile folder each time: playwright makes one for each launch.
  browser ??= chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: ARGS });
  const context = await (
    await browser
  ).newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // Its 503 is an answer like its 200 (contract §4); Chromium can not know that.
    if (message.location().url.endsWith("/api/system/health")) return;
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(address).host) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe-core finds that is serious or worse, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Run by the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: Violation[] }>("axe.run(document)");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} (${failureSummary})`));
}
