// A bot that forks, starts a thread, and starts Node by itself: each asks the model once.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { say, untilTold } from "../world.mjs";

const child = new URL("child.mjs", import.meta.url);
const forked = fork(child, ["forked"]);
const spawned = spawn(process.execPath, [child.pathname, "spawned"], {
  stdio: "inherit",
  env: { ...process.env, NODE_OPTIONS: "--import botel/register" },
});
const thread = new Worker(child, { argv: ["threaded"] });
const codes = await Promise.all([once(forked, "exit"), once(spawned, "exit"), once(thread, "exit")]);
say(codes.map(([code]) => code));
await untilTold();
