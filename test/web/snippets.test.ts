import { afterAll, expect, test } from "vitest";
import { snippets } from "../api/page.ts";
import { message } from "../oracle/makers.ts";
import { fed } from "../started/fed.ts";
import { cleanUp, startBot, temporary } from "../started/started.ts";
import { until } from "../started/until.ts";
import { closeBrowser, view } from "./browser.ts";

afterAll(closeBrowser);
afterAll(cleanUp);

// contract §5: "Both published snippets work as they stand: `addEventListener('status' | 'metric', …)` and `onmessage`."
test.each([
  [0, /系统状态更新: \{.*status: running/s, /指标更新: \{.*messages: 1/s],
  [1, /Event: \{type: status/s, /Event: \{type: metric/s],
])("published snippet %i runs in a browser, word for word", async (place, first, second) => {
  const bot = await startBot({ dataDir: temporary() });
  const { page, complaints } = await view(`${bot.url}/`);
  const printed: string[] = [];
  page.on("console", (said) => printed.push(said.text()));
  // By the debugger, as typed into the console of the page.
  const session = await page.context().newCDPSession(page);
  const { exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: snippets[place] ?? "",
    replMode: true,
    awaitPromise: true,
  });
  expect(exceptionDetails).toBeUndefined();
  const prints = (what: RegExp) =>
    until(
      () => printed.join("\n"),
      (text) => (what.test(text) ? undefined : `only ${text}`),
      10_000,
    );
  await prints(first);
  await fed(bot, [message({ at: Date.now() })]);
  await prints(second);
  if (place === 1) {
    const { result } = await session.send("Runtime.evaluate", {
      expression: "JSON.stringify([status.data.status, stats.data.daily.length])",
      replMode: true,
    });
    expect(result.value).toBe('["running",7]');
  }
  expect(complaints).toEqual([]);
});
