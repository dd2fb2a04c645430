import { afterAll, describe, expect, test } from "vitest";
import { startApi } from "../api/started.ts";
import { started } from "../live/made.ts";
import { until } from "../started/until.ts";
import { messageFact, taken } from "../system/made.ts";
import { closeBrowser, view } from "./browser.ts";

/** How the page holds its stream, at a time that the test moves. */

afterAll(closeBrowser);

/** Lets the test say whether the page is seen. */
const HIDING = `
  isHidden = false;
  Object.defineProperty(document, "hidden", { get: () => isHidden });
  hide = (hidden) => { isHidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
`;

async function streaming() {
  const live = started();
  let opened = 0;
  const counted = {
    ...live,
    subscribe: (client: Parameters<typeof live.subscribe>[0]) => ((opened += 1), live.subscribe(client)),
  };
  const { url } = await startApi({ live: counted });
  const { page, complaints } = await view("about:blank");
  await page.addInitScript(HIDING);
  await page.clock.install();
  await page.goto(`${url}/#/`);
  await page.locator(".mark-open").waitFor();
  const clients = (count: number) =>
    until(
      () => live.counts().clients,
      (found) => (found === count ? undefined : `${found} clients`),
      20_000,
    );
  await clients(1);
  return { live, page, complaints, clients, opened: () => opened };
}

describe("the stream", () => {
  test("is given back by a page that is not seen for a minute, and taken up again without loss", async () => {
    const { live, page, clients } = await streaming();
    await page.evaluate("hide(true)");
    await page.clock.fastForward(30_000);
    live.second();
    await clients(1);
    await page.clock.fastForward(31_000);
    await clients(0);
    live.changes(taken(messageFact(), messageFact()));
    live.second();
    await page.evaluate("hide(false)");
    await clients(1);
    await until(
      async () => Number(await page.locator('[data-chart="messages"]').getAttribute("data-total")),
      (total) => (total === 2 ? undefined : `${total} messages`),
      20_000,
    );
  });

  test("that is silent for longer than botel ever is counts as cut, and is opened again", async () => {
    const { page, clients, opened } = await streaming();
    const before = opened();
    await page.clock.fastForward(19_000);
    expect(await page.locator(".mark-open").count()).toBe(1);
    await page.clock.fastForward(2000);
    await page.locator(".mark-cut").waitFor();
    await page.clock.fastForward(1000);
    await page.locator(".mark-open").waitFor();
    await clients(1);
    expect(opened()).toBe(before + 1);
  });
});
