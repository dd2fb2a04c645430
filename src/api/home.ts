import type { Context } from "koa";
import type { ApiDeps } from "./deps.ts";

const LINKS: readonly [path: string, what: string][] = [
  ["/api/system/status", "status"],
  ["/api/system/info", "what is on"],
  ["/api/system/health", "health"],
  ["/api/stats?period=week", "the last seven days"],
  ["/api/stats/models", "models"],
  ["/api/stats/tools", "tools"],
  ["/api/stats/users", "users"],
  ["/api/stats/groups", "groups"],
  ["/api/stats/channels", "channels"],
  ["/api/logs", "log"],
  ["/api/logs/tools", "tool calls"],
  ["/api/logs/errors", "errors"],
  ["/api/system/events", "live events"],
  ["/metrics", "Prometheus metrics"],
  ["/api/openapi.json", "the API's description"],
];

const DEMO = "<p><strong>This is a demo:</strong> people, chats and model providers are simulated.</p>";

/** `GET /`: where things are. It holds no data. */
export function homePage(deps: ApiDeps) {
  const list = LINKS.map(([path, what]) => `<li><a href="${path}"><code>${path}</code></a> ${what}</li>`).join("\n");
  return async (ctx: Context): Promise<void> => {
    const { demo } = await deps.system.status();
    ctx.type = "html";
    ctx.body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>botel</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>botel</h1>
${demo ? DEMO : ""}
<ul>
${list}
</ul>
</body>
</html>
`;
  };
}
