/**
 * A bot with botel inside, for tests: a process that does what its parent says. It is run by `started.ts`, which talks to
 * it by the messages below.
 */
import { start } from "../../src/index.ts";
import { begin, feed } from "./feed.ts";
import type { Item } from "../oracle/items.ts";

/** The test → the bot; every one is answered by `done`, but `block`. */
export type Order =
  | { type: "begin"; items: Item[] }
  | { type: "feed"; items: Item[] }
  /** Turns its thread in an endless loop. */
  | { type: "block" };

/** The bot → the test. */
export type Word = { type: "ready"; url: string } | { type: "failed"; why: string } | { type: "done"; error?: string };

function say(word: Word): void {
  process.send?.(word);
}

function obey(order: Order): void {
  if (order.type === "begin") begin(order.items);
  else if (order.type === "feed") feed(order.items);
  else for (;;);
}

process.on("message", (order: Order) => {
  try {
    obey(order);
    say({ type: "done" });
  } catch (error) {
    say({ type: "done", error: String(error) });
  }
});
process.on("disconnect", () => process.exit(0));

const botel = start();
try {
  const url = await botel.ready;
  if (url) say({ type: "ready", url });
  else say({ type: "failed", why: "botel is off" });
} catch (error) {
  say({ type: "failed", why: String(error) });
}
