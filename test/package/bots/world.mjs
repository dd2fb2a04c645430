// What every bot here shares: where its model is, and that it goes on until its standard input ends.
import { once } from "node:events";

export const modelUrl = process.env.MODEL_URL;
export const messages = [{ role: "user", content: "hello" }];

/** Says one thing to the test. */
export function say(thing) {
  process.stdout.write(`said ${JSON.stringify(thing)}\n`);
}

export async function untilTold() {
  process.stdin.resume();
  await once(process.stdin, "end");
}
