import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { failure } from "../../src/contract/wire/envelope.ts";
import { accessOf, token } from "../api/access.ts";
import { startApi } from "../api/started.ts";

/** `fetch` writes `Host` itself. */
function askFor(port: number, host: string, path = "/api/stats"): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path, headers: { Host: host } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on("error", reject).end();
  });
}

describe("contract §6: No token configured: botel listens on loopback only and says so, takes only requests whose `Host` is localhost, a loopback address or a configured name (403 else)", () => {
  test("a name that points here is no way in for another site's page (DNS rebinding)", async () => {
    const { port } = await startApi();
    for (const host of [
      "localhost",
      "LOCALHOST:3000",
      "127.0.0.1",
      "127.3.2.1:80",
      "[::1]:3000",
      "[::ffff:127.0.0.1]",
    ]) {
      expect([host, (await askFor(port, host)).status]).toEqual([host, 200]);
    }
    const others = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:3000", "127.0.0.1@evil.example"];
    for (const host of [
      ...others,
      "10.0.0.1",
      "[::2]",
      "0.0.0.0",
      "localhost.",
      "a:b:c",
      "localhost:",
      "[localhost]",
    ]) {
      const { status, body } = await askFor(port, host);
      expect([host, status, failure.parse(JSON.parse(body)).code]).toEqual([host, 403, "FORBIDDEN"]);
    }
    for (const path of ["/", "/metrics", "/livez", "/api/system/events", "/v1/traces"]) {
      expect([path, (await askFor(port, "evil.example", path)).status]).toEqual([path, 403]);
    }
  });

  test("configured names are answered", async () => {
    const { port } = await startApi({ access: accessOf({ settings: { hosts: ["Botel.Internal"] } }) });
    expect((await askFor(port, "botel.internal:3000")).status).toBe(200);
    expect((await askFor(port, "other.internal")).status).toBe(403);
  });

  test("with tokens a name is no matter: another site's page has none", async () => {
    const { port } = await startApi({ access: accessOf({ tokens: [token("mine", "x")] }) });
    expect((await askFor(port, "botel.example")).status).toBe(401);
    expect((await askFor(port, "botel.example", "/livez")).status).toBe(200);
  });
});
