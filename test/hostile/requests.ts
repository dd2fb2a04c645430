import { pick, STRINGS, upTo, borderline, encoded, validValue, type ParameterSchema } from "./values.ts";
import { mutated, type Payload, type Random } from "../ingest/mutations.ts";

/** A request as it goes over the wire; nothing in it has to be right. */
export interface Hostile {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body?: Buffer;
}

/** One documented operation. */
export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; required: boolean; schema: ParameterSchema }[];
  takesBody: boolean;
}

const text = (name: string): Operation["parameters"][number] => ({ name, in: "query", required: false, schema: {} });
const number = (name: string) => ({ ...text(name), schema: { type: "integer", minimum: 1, maximum: 1000 } });
const asked = (path: string, ...parameters: Operation["parameters"]): Operation => {
  return { method: "GET", path: `/chatai/api${path}`, parameters, takesBody: false };
};
const toolCalls = ["toolName", "success", "userId", "groupId", "keyword", "startTime", "endTime"].map(text);

/** What the panel of the original plug-in asks: it has no description. */
export const PANEL: readonly Operation[] = [
  asked("/stats"),
  asked("/stats/usage"),
  asked("/stats/usage/recent", number("limit"), text("status"), text("source")),
  asked("/stats/tool-calls"),
  asked("/stats/tool-calls/records", number("limit"), ...toolCalls),
  asked("/tools/logs", number("limit"), ...toolCalls),
  asked("/system/monitor"),
  asked("/channels/list", text("withStats")),
];

/** What the description of an API has, as far as it is read here. */
export interface Document {
  paths: Record<string, Record<string, { parameters?: Operation["parameters"]; requestBody?: unknown }>>;
}

export function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      takesBody: requestBody !== undefined,
    })),
  );
}

export interface Material {
  operations: readonly Operation[];
  /** Good OTLP requests. */
  payloads: readonly Payload[];
  /** Headers by which somebody may ask, and such by which nobody may. */
  credentials: readonly [name: string, value: string][];
}

/** Any request: of a documented operation, with values that are valid, borderline or hostile, then changed up to three times. */
export function anyRequest(material: Material, random: Random): Hostile {
  const request = ofOperation(pick(random, material.operations), material, random);
  if (material.credentials.length > 0) request.headers.push(pick(random, material.credentials));
  for (let n = upTo(random, 4); n > 0; n -= 1) pick(random, CHANGES)(request, random);
  return request;
}

function ofOperation({ method, path, parameters, takesBody }: Operation, material: Material, random: Random): Hostile {
  const request: Hostile = { method, target: path, headers: [] };
  const query: string[] = [];
  for (const parameter of parameters) {
    if (!parameter.required && random() < 0.4) continue;
    const value = anyValue(parameter.name, parameter.schema, random);
    if (parameter.in === "path") request.target = request.target.replace(`{${parameter.name}}`, encoded(value, random));
    else if (parameter.in === "header") request.headers.push([parameter.name, value]);
    else query.push(`${parameter.name}=${encoded(value, random)}`);
  }
  if (query.length > 0) request.target += `?${query.join("&")}`;
  if (takesBody) Object.assign(request, bodyFor(path, request.headers, material, random));
  return request;
}

function anyValue(name: string, schema: ParameterSchema, random: Random): string {
  const choice = random();
  if (choice < 0.5) return validValue(name, schema, random);
  return choice < 0.7 ? borderline(name, schema, random) : pick(random, STRINGS);
}

function bodyFor(path: string, headers: Hostile["headers"], { payloads }: Material, random: Random): Partial<Hostile> {
  const payload = path.startsWith("/v1/") ? mutated(pick(random, payloads), random) : jsonPayload(path, random);
  return { target: payload.path, headers: [...headers, ...Object.entries(payload.headers)], body: payload.body };
}

/** What a form or a script would send, and worse. */
function jsonPayload(path: string, random: Random): Payload {
  const value = pick(random, STRINGS);
  const text = pick(random, [
    JSON.stringify({ token: value }),
    JSON.stringify({ token: [value], __proto__: { admin: true } }),
    `{"__proto__":{"scopes":["admin"]},"token":"x"}`,
    JSON.stringify({ token: "x".repeat(upTo(random, 200_000)) }),
    `${"[".repeat(5000)}${"]".repeat(5000)}`,
    '{"token":"a","token":"b"}',
    '{"token":',
    "null",
    "",
    value,
  ]);
  const type = pick(random, [
    "application/json",
    "application/json; charset=utf-7",
    "text/plain",
    "multipart/form-data",
    "",
  ]);
  return { path, headers: type === "" ? {} : { "content-type": type }, body: Buffer.from(text) };
}

type Change = (request: Hostile, random: Random) => void;

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "M-SEARCH",
  "get",
  "G\0T",
];

const PATHS = [
  ["/", "//", "/api", "/api/", "/api//stats", "/API/stats", "/api/Stats", "/metrics/", "/livez/x", "/v1/traces/"],
  [
    "/api/../api/stats",
    "/api/./stats",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2fpackage.json",
    "/assets/__proto__",
  ],
  ["/assets/%00", "/api/stats;x=y", "/api/stats%00", "/api/stats%2f", "/api%2fstats", "/api/st%61ts", "/favicon.ico"],
  ["//evil.example/api/stats", "http://evil.example/api/stats", "http://[::1/api", "*", "?", "", "#", "/api/stats#x"],
  [
    "/api/constructor",
    "/api/__proto__/toString",
    "/api/%E0%A4%A",
    "/api/\u{1f600}",
    "/api/stats/models/../tools",
    "/chatai/api/state",
  ],
].flat();

const CHANGES: readonly Change[] = [
  (request, random) => (request.method = pick(random, METHODS)),
  (request, random) => (request.target = pick(random, PATHS)),
  (request, random) => (request.target = scrambled(request.target, random)),
  addParameter,
  addParameter,
  addHeader,
  addHeader,
  addHeader,
  (request, random) => (request.body ??= Buffer.from(pick(random, STRINGS))),
];

/** One character more, less, or another. */
function scrambled(target: string, random: Random): string {
  const at = upTo(random, target.length + 1);
  const part = pick(random, ["", "/", "%", "%2f", "..", "\\", ";", "?", "#", "\0", "é", " ", "//", "x".repeat(9000)]);
  return target.slice(0, at) + part + target.slice(at + upTo(random, 2));
}

function addParameter(request: Hostile, random: Random): void {
  const names = [
    "period",
    "groupId",
    "limit",
    "sort",
    "level",
    "before",
    "types",
    "at",
    "token",
    "limit[]",
    "__proto__",
    "",
  ];
  const pair = (): string => `${pick(random, names)}=${encoded(pick(random, STRINGS), random)}`;
  const pairs = Array.from({ length: random() < 0.02 ? 600 : 1 + upTo(random, 2) }, pair);
  request.target += (request.target.includes("?") ? "&" : "?") + pairs.join("&");
}

const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["Host", ["localhost", "evil.example", "127.0.0.1:1", "[::1]", "a b", "", "localhost@evil.example", "x".repeat(300)]],
  [
    "Accept",
    ["*/*", "", "application/openmetrics-text;version=1.0.0", "text/html;q=x", `${"a/b,".repeat(500)}*/*;q=0`],
  ],
  ["Accept-Encoding", ["gzip", "gzip;q=0", "identity;q=0", "*;q=0", "br, zstd", "gzip,".repeat(300)]],
  ["If-None-Match", ["*", '"', "W/", `${'"x",'.repeat(2000)}"y"`, "\u00e9"]],
  ["Last-Event-ID", ["abc-1", "-", "x-1e9", "\u00ff", "0-".repeat(3000)]],
  ["Content-Type", ["application/json", "application/x-protobuf", "text/html", "/", "application/json;charset=\u00ff"]],
  ["Content-Encoding", ["gzip", "deflate", "br", "identity", "gzip, gzip", "x".repeat(500)]],
  ["Authorization", ["Bearer", "Bearer x", "Basic eDp5", "Bearer \u00ff", `Bearer ${"x".repeat(6000)}`, "bearer x y"]],
  ["X-API-Key", ["x", "", "\u00ff", "x".repeat(6000)]],
  [
    "Cookie",
    ["auth_token=x", "auth_token=", "auth_token=%zz", 'auth_token="x"; auth_token=y', "=;=;", "a".repeat(6000)],
  ],
  ["X-Forwarded-For", ["1.2.3.4", "::1", "x, y, z", "1.2.3.4,".repeat(500)]],
  ["X-Forwarded-Host", ["evil.example"]],
  ["X-Forwarded-Proto", ["https", "javascript"]],
  ["X-HTTP-Method-Override", ["DELETE"]],
  ["Origin", ["http://evil.example", "null", "", "http://localhost:3000"]],
  ["Sec-Fetch-Site", ["cross-site", "same-origin", "x"]],
  ["Access-Control-Request-Method", ["POST", "x"]],
  ["Range", ["bytes=0-1", "bytes=9-1,".repeat(200)]],
  ["Expect", ["100-continue", "200-ok"]],
  ["Connection", ["close", "upgrade", "keep-alive, host"]],
  ["Upgrade", ["websocket", "h2c"]],
  ["Traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x"]],
  ["X-Long", ["x".repeat(15_000), "x".repeat(20_000)]],
  ["__proto__", ["x"]],
];

function addHeader(request: Hostile, random: Random): void {
  const [name, values] = pick(random, HEADERS);
  request.headers.push([name, random() < 0.9 ? pick(random, values) : pick(random, STRINGS)]);
}
