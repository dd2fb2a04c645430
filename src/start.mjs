#!/usr/bin/env node
// Plain JavaScript, so that no start but the first strips types: that takes 17 MB a thread and most of the time.
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

enableCompileCache();
// `npm start` keeps this thread's young generation small by a flag; workers have limits of their own.
setFlagsFromString("--max-semi-space-size=0");
const { main } = await import("./main.ts");
await main(process.argv.slice(2));
