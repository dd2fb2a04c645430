// Plain JavaScript, so that no start but the first strips types: that takes 17 MB a thread and most of the time.
import { enableCompileCache } from "node:module";

enableCompileCache();
const { main } = await import("./main.ts");
await main(process.argv.slice(2));
