import { render } from "preact";
import { App } from "./app.tsx";
import { createLive } from "./live/live.ts";
import { lookWho } from "./session.ts";
import { readTheme, showTheme } from "./parts/theme.ts";

showTheme(readTheme());
const page = document.querySelector("#page");
if (page) render(<App live={createLive()} />, page);
lookWho();
