// A bot in trouble: `node trouble.mjs <what>`.
import { message, tool } from "botel";
import { say, untilTold } from "../world.mjs";

const WHAT = {
  async goesOn() {
    await tool({ name: "dice" }, () => 6);
  },
  async throws() {
    await tool({ name: "dice" }, () => 6);
    throw new Error("the bot's own trouble");
  },
  async floods() {
    const calls = Array.from({ length: 10_000 }, (_, n) => tool({ name: "flood", args: { n } }, () => n));
    await Promise.all(calls);
  },
  async endsAtOnce() {
    await message({ platform: "test", botId: "1", userId: "42" }, () => tool({ name: "dice" }, () => 6));
    process.exit(7);
  },
  async endsByItself() {
    await message({ platform: "test", botId: "1", userId: "42" }, () => tool({ name: "dice" }, () => 6));
  },
};

const what = process.argv[2];
if (process.argv[3] === "start") (await import("botel")).start();
await WHAT[what]();
say(what);
if (what !== "endsByItself") await untilTold();
