import { z } from "zod";
import { ERROR_MEANING, ERROR_STATUS, type ErrorCode } from "../contract/errors.ts";
import { failure, success } from "../contract/wire/envelope.ts";
import { twin } from "../contract/wire/events.ts";
import { forgottenData } from "../contract/wire/forget.ts";
import { eventParameters, forgetParameters, type Parameters } from "../contract/wire/query.ts";
import { sessionData, signIn } from "../contract/wire/session.ts";
import type { Endpoint } from "./endpoint.ts";
import { FORGET_PATHS } from "./routes/forget.ts";

type Schema = Record<string, unknown>;
type Operation = Record<string, unknown>;

export interface Described {
  endpoints: readonly Endpoint[];
  /** botel's own. */
  version: string;
  /** Whether OTLP is taken, too. */
  otlp: boolean;
}

/** OpenAPI 3.1 of the whole API, made from the schemas that validate the requests and type the answers (contract §3). */
export function openapi({ endpoints, version, otlp }: Described): Schema {
  const schemas: Record<string, Schema> = {};
  const paths: Record<string, Schema> = {};
  for (const each of endpoints) paths[each.path] = { get: jsonOperation(each, schemas) };
  Object.assign(paths, otherPaths(schemas), otlp ? otlpPaths() : {});
  for (const [path, operations] of Object.entries(paths)) {
    paths[path] = Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [method, gated(path, method, operation as Operation)]),
    );
  }
  const responses = Object.fromEntries(codes.map((code) => [code, errorResponse(code, schemas)]));
  return {
    openapi: "3.1.0",
    info: {
      title: "botel",
      version,
      summary: "Statistics, logs and live events of an AI chat bot",
      description:
        "Every answer is JSON in one envelope. HEAD is answered as GET. Unknown query parameters are ignored; fields may be added to an object, none is renamed, dropped or changes its type.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "system" },
      { name: "stats" },
      { name: "logs" },
      { name: "traces" },
      { name: "session" },
      { name: "privacy" },
      { name: "operation" },
      { name: "otlp" },
    ],
    paths,
    components: { schemas, responses, securitySchemes },
    // The empty one: botel on loopback, without tokens.
    security: [{ bearer: [] }, { apiKey: [] }, { cookie: [] }, {}],
  };
}

const codes = Object.keys(ERROR_STATUS) as ErrorCode[];

function jsonOperation(of: Endpoint, schemas: Record<string, Schema>): Operation {
  const answer = { content: json(schemaOf(success(of.data), schemas)) };
  const unavailable = of.status
    ? { description: "A check is `error`: the same data.", ...answer }
    : { $ref: "#/components/responses/UNAVAILABLE" };
  return {
    operationId: operationId(of.path),
    summary: of.summary,
    tags: [of.tag],
    parameters: [...parametersOf(of.parameters), ifNoneMatch],
    responses: {
      200: { description: "The answer.", headers: { ETag: { schema: { type: "string" } } }, ...answer },
      ...unchanged,
      ...errors(Object.keys(of.parameters).length > 0 ? ["INVALID_PARAMETER", "INTERNAL"] : ["INTERNAL"]),
      ...errors(of.failures ?? []),
      503: unavailable,
    },
  };
}

const unchanged = { 304: { description: "Nothing has changed since the answer with that ETag." } };

const ifNoneMatch = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "the ETag of an earlier answer",
  schema: { type: "string" },
};

const lastEventId = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "id of the last event that was seen: what came after it is sent again, as far as it is still held",
  schema: { type: "string" },
};

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "`/v1/*` takes the scope ingest, what erases admin, all else read",
  },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
  cookie: { type: "apiKey", in: "cookie", name: "auth_token", description: "what `POST /api/session` sets" },
};

const PUBLIC = new Set(["get /", "get /livez", "get /readyz", "post /api/session", "delete /api/session"]);

/** What may be answered before a route is asked (contract §6). */
function gated(path: string, method: string, operation: Operation): Operation {
  const { responses } = operation as { responses: Schema };
  if (path.startsWith("/v1/")) return operation;
  const isPublic = PUBLIC.has(`${method} ${path}`);
  const always = errors(["INVALID_PARAMETER", "FORBIDDEN", "PAYLOAD_TOO_LARGE"]);
  const byToken = errors(["AUTH_REQUIRED", "INVALID_TOKEN", "TOKEN_EXPIRED", "RATE_LIMITED"]);
  return {
    ...operation,
    ...(isPublic && { security: [] }),
    responses: { ...always, ...(!isPublic && byToken), ...responses },
  };
}

/** Signing in and out. */
function sessionOperations(schemas: Record<string, Schema>): Record<string, Operation> {
  const session = { 200: { description: "Who asks.", content: json(schemaOf(success(sessionData), schemas)) } };
  const nothing = { type: "object", properties: { success: { const: true }, data: { type: "null" } } };
  const operation = (operationId: string, summary: string, responses: Schema): Operation => ({
    operationId,
    summary,
    tags: ["session"],
    responses,
  });
  const refused = errors(["INVALID_TOKEN", "TOKEN_EXPIRED", "UNSUPPORTED_MEDIA_TYPE", "RATE_LIMITED"]);
  return {
    get: operation("session", "Who asks", { ...session, ...unchanged }),
    post: {
      ...operation("signIn", "Sets the cookie `auth_token`, by a token that may read", { ...session, ...refused }),
      requestBody: { required: true, content: json(schemaOf(signIn, schemas)) },
    },
    delete: operation("signOut", "Takes the cookie back", {
      200: { description: "It is gone.", content: json(nothing) },
      ...errors(["RATE_LIMITED"]),
    }),
  };
}

function forgetOperations(schemas: Record<string, Schema>): Record<string, Record<string, Operation>> {
  const gone = { description: "All is gone.", content: json(schemaOf(success(forgottenData), schemas)) };
  return Object.fromEntries(
    FORGET_PATHS.map(({ path, owner }) => {
      const operation = {
        operationId: owner === "user" ? "forgetUser" : "forgetGroup",
        summary: `Forgets a ${owner}: a tombstone stands in place of the id, sums and distinct counts stay`,
        description: "For the scope admin. It is answered when all is gone; asked again meanwhile, it is the same one.",
        tags: ["privacy"],
        parameters: parametersOf(forgetParameters),
        responses: { 200: gone, ...errors(["INVALID_PARAMETER", "INTERNAL", "UNAVAILABLE"]) },
      };
      return [path, { delete: operation }];
    }),
  );
}

/** What does not answer in the envelope, or describes it. */
function otherPaths(schemas: Record<string, Schema>): Record<string, Record<string, Operation>> {
  const event = { type: "string", contentMediaType: "application/json", contentSchema: schemaOf(twin, schemas) };
  const unavailable = errors(["UNAVAILABLE"]);
  return {
    "/api/system/events": {
      get: {
        operationId: "systemEvents",
        summary: "Live events",
        description:
          "Server-Sent Events: `status`, `metric`, `error` and `channel`, each followed by an unnamed twin with the same id, whose data has this schema.",
        tags: ["system"],
        parameters: [...parametersOf(eventParameters), lastEventId],
        responses: {
          200: { description: "The stream.", content: { "text/event-stream": { schema: event } } },
          ...errors(["INVALID_PARAMETER", "UNAVAILABLE"]),
        },
      },
    },
    "/api/openapi.json": {
      get: plain("openapi", "This description", { "application/json": { schema: { type: "object" } } }, unchanged),
    },
    "/api/session": sessionOperations(schemas),
    ...forgetOperations(schemas),
    "/metrics": { get: plain("metrics", "Metrics for Prometheus", metricsContent(), errors(["INTERNAL"])) },
    "/livez": { get: plain("livez", "The process answers", textContent("text/plain")) },
    "/readyz": { get: plain("readyz", "Everything is open and answers", textContent("text/plain"), unavailable) },
    "/": { get: plain("home", "A page that says where things are", textContent("text/html")) },
  };
}

/** Answers of OTLP are the protocol's own, not the envelope's. */
function otlpPaths(): Record<string, { post: Operation }> {
  const any = { schema: {} };
  const content = { "application/x-protobuf": any, "application/json": any };
  const retryAfter = { "Retry-After": { schema: { type: "integer" } } };
  const responses = {
    200: { description: "Stored; what was refused is in `partial_success`.", content },
    400: { description: "The body cannot be read.", content },
    401: { description: "A token is needed, is not known or has expired.", content },
    403: { description: "The token has not the scope ingest, or this host or origin may not send.", content },
    413: { description: "The body is too large.", content },
    415: { description: "The body is neither protobuf nor JSON, or in an encoding that is not known.", content },
    429: { description: "Too many requests: send it again.", headers: retryAfter, content },
    503: { description: "Not now: send it again.", headers: retryAfter, content },
  };
  const post = (signal: string): Operation => ({
    operationId: `otlp${signal}`,
    summary: `OTLP: takes ${signal.toLowerCase()}`,
    tags: ["otlp"],
    requestBody: { required: true, description: `Export${signal}ServiceRequest; gzip and deflate are read`, content },
    responses,
  });
  return {
    "/v1/traces": { post: post("Trace") },
    "/v1/logs": { post: post("Logs") },
    "/v1/metrics": { post: post("Metrics") },
  };
}

function plain(operationId: string, summary: string, content: Schema, failures: Schema = {}): Operation {
  return {
    operationId,
    summary,
    tags: ["operation"],
    responses: { 200: { description: "The answer.", content }, ...failures },
  };
}

function metricsContent() {
  return { ...textContent("text/plain"), ...textContent("application/openmetrics-text") };
}

function textContent(type: string): Schema {
  return { [type]: { schema: { type: "string" } } };
}

function json(schema: Schema): Schema {
  return { "application/json": { schema } };
}

/** By status; codes that share one are alternatives. */
function errors(list: readonly ErrorCode[]): Schema {
  const byStatus = Map.groupBy(list, (code) => ERROR_STATUS[code]);
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, oneOrMore(codes)]));
}

function oneOrMore(codes: readonly ErrorCode[]): Schema {
  if (codes.length === 1) return { $ref: `#/components/responses/${codes[0]}` };
  const properties = { code: { enum: codes } };
  const schema = { allOf: [{ $ref: "#/components/schemas/Failure" }, { type: "object", properties }] };
  return { description: codes.map((code) => ERROR_MEANING[code]).join(" Or: "), content: json(schema) };
}

function errorResponse(code: ErrorCode, schemas: Record<string, Schema>): Schema {
  const schema = { allOf: [schemaOf(failure, schemas), { type: "object", properties: { code: { const: code } } }] };
  return { description: ERROR_MEANING[code], content: json(schema) };
}

function parametersOf(parameters: Parameters): Schema[] {
  return Object.entries(parameters).map(
    ([name, { schema, description, fallback, required = false, in: place = "query" }]) => {
      const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: "input" }) as Schema;
      if (fallback !== undefined) shape["default"] = fallback;
      return { name, in: place, required, description, schema: shape };
    },
  );
}

/** Schemas with an id become components; the rest stands where it is used. */
function schemaOf(schema: z.ZodType, schemas: Record<string, Schema>): Schema {
  const text = JSON.stringify(z.toJSONSchema(schema, { override: loosen }));
  const { $schema: _, $defs, ...shape } = JSON.parse(text.replaceAll("#/$defs/", "#/components/schemas/")) as Schema;
  Object.assign(schemas, $defs);
  return shape;
}

/** Botel's own answers are held to the closed schemas in the tests; a client must live with added fields. */
function loosen({ jsonSchema }: { jsonSchema: Schema }): void {
  if (jsonSchema["additionalProperties"] === false) delete jsonSchema["additionalProperties"];
  if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  if (jsonSchema["format"] !== undefined) delete jsonSchema["pattern"];
}

/** `/api/logs/tools` → `logsTools`; `/api/traces/{traceId}` → `traces`. */
function operationId(path: string): string {
  const [first = "", ...rest] = path
    .split("/")
    .slice(2)
    .filter((word) => !word.startsWith("{"));
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
