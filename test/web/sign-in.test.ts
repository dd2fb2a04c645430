import { afterAll, describe, expect, test } from "vitest";
import type { Token } from "../../src/contract/access.ts";
import { accessOf, token } from "../api/access.ts";
import { startApi } from "../api/started.ts";
import { started } from "../live/made.ts";
import { until } from "../started/until.ts";
import { closeBrowser, seriousFindings, view } from "./browser.ts";

afterAll(closeBrowser);

const SECRET = "botel_this-is-a-token";

async function guardedBotel(tokens: Token[] = [token("mine", SECRET)]) {
  const live = started();
  const api = await startApi({ live, system: live.system, access: accessOf({ tokens }) });
  return { ...api, live, tokens };
}

async function signIn(page: Awaited<ReturnType<typeof view>>["page"], secret: string): Promise<void> {
  await page.getByLabel("Token").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

// contract §6: "`POST /api/session` with a token sets the cookie (HttpOnly, SameSite=Strict) for the page, whose shell
// is public and holds no data."
describe("the page of a botel that has tokens", () => {
  test("asks for one, says that a wrong one is wrong, signs in, shows what is live, and signs out", async () => {
    const { url, live } = await guardedBotel();
    const { page } = await view(`${url}/#/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.locator("[data-tile]").count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);

    expect(await page.getByRole("alert").textContent()).toBe("");
    await signIn(page, "botel_this-is-another");
    await page.getByText("This token is not known.").waitFor();

    await signIn(page, SECRET);
    await page.locator('[data-tile="status"]').waitFor();
    await page.locator(".mark-open").waitFor(); // the stream, by cookie
    live.second();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "auth_token", httpOnly: true, sameSite: "Strict", secure: false, path: "/" });
    expect(await page.evaluate("document.cookie")).toBe("");
    expect(page.url()).not.toContain(SECRET);

    await page.reload();
    await page.locator(".mark-open").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await until(
      async () => live.counts().clients,
      (clients) => (clients === 0 ? undefined : `${clients} streams are open`),
      15_000,
    );
  });

  test("asks anew when the token is revoked, and the stream ends", async () => {
    const { url, tokens } = await guardedBotel();
    const { page } = await view(`${url}/#/`);
    await signIn(page, SECRET);
    await page.locator(".mark-open").waitFor();
    tokens.pop();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByText("This token is not known.").waitFor();
  });
});

test("a view costs a request or two of those that a client has in a minute", async () => {
  const { url } = await guardedBotel();
  const { page } = await view(`${url}/#/`);
  await signIn(page, SECRET);
  await page.locator(".mark-open").waitFor();
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/") && pathname !== "/api/system/events") asked.push(pathname);
  });
  await page.getByRole("link", { name: "Statistics" }).first().click();
  // All of its questions are answered; "Channels" alone is a heading of the view before, too.
  await page.locator("[data-period]").waitFor();
  for (const name of ["Models", "Tools", "Channels", "Users", "Groups"]) {
    await page.locator(`section[aria-label="${name}"][aria-busy="false"]`).waitFor();
  }
  expect(asked).toContain("/api/batch");
  // Seven questions; what a slow moment tears apart is in a second request.
  expect(asked.length, asked.join(" ")).toBeLessThanOrEqual(3);
});

test("where no token is needed there is nothing to sign in or out", async () => {
  const { url } = await startApi();
  const { page, complaints } = await view(`${url}/#/`);
  await page.locator('[data-tile="status"]').waitFor();
  expect(await page.getByRole("button", { name: /^Sign/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});
