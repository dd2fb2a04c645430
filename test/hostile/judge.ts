import { gunzipSync } from "node:zlib";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { ERROR_STATUS } from "../../src/contract/errors.ts";
import { failure } from "../../src/contract/wire/envelope.ts";
import { formats } from "../api/described.ts";
import type { Hostile } from "./requests.ts";
import type { Answer } from "./send.ts";

type Schema = Record<string, unknown>;

interface Described {
  $ref?: string;
  content?: Record<string, { schema: Schema }>;
}

export interface JudgedBy {
  paths: Record<string, Record<string, { responses: Record<string, Described> }>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Described> };
}

/** Where an operation is not asked at all: nothing in the description has to name these. */
const ANYWHERE = [400, 401, 403, 404, 405, 413, 415, 429];
/** What anybody may see; signing out is there, too. */
const PUBLIC = /^\/(?:livez|readyz|assets\/.*|api\/session)?$/;
const INSIDE = /node_modules|\.ts:\d+|\bat \w+ \(|SQLITE|\/src\//;

/** Says what is wrong with answers, by the contract's envelope and the API's own description. */
export interface Judge {
  /** @returns one line for each thing that must not be */
  answer(request: Hostile, answer: Answer): string[];
  /** To bytes that may be no request at all. */
  any(answer: Answer): string[];
}

/** @param token where there is one, who does not send it is told nothing */
export function createJudge(document: JudgedBy, token?: string): Judge {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats });
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "botel", components: document.components });
  const routes = Object.keys(document.paths).map((route) => ({
    route,
    pattern: new RegExp(`^${route.replaceAll(".", String.raw`\.`).replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  const compiled = new Map<string, ValidateFunction | undefined>();

  function checkOf(route: string, method: string, status: number): ValidateFunction | undefined {
    const key = `${method} ${route} ${status}`;
    if (!compiled.has(key)) compiled.set(key, compile(document.paths[route]?.[method]?.responses[status]));
    return compiled.get(key);
  }

  function compile(described: Described | undefined): ValidateFunction | undefined {
    const name = described?.$ref?.replace("#/components/responses/", "");
    const { content } = (name === undefined ? described : document.components.responses[name]) ?? {};
    const schema = content?.["application/json"]?.schema;
    if (!schema) return undefined;
    return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"botel#/components')) as Schema);
  }

  function answer({ method, target, headers: sent }: Hostile, given: Answer): string[] {
    const { status, headers } = given;
    const path = pathOf(target);
    const lines = general(given, method === "HEAD", path.startsWith("/v1/"));
    const isLetIn = token === undefined || sent.some(([, value]) => value.includes(token));
    if (!isLetIn && status < 400 && !PUBLIC.test(path)) lines.push(`${status} without a token`);
    const asked = method === "HEAD" ? "get" : method.toLowerCase();
    const route = routes.find(({ pattern }) => pattern.test(path))?.route;
    const responses = route === undefined ? undefined : document.paths[route]?.[asked]?.responses;
    if (!responses || route === undefined) {
      const isElsewhere = path === "/" || path.startsWith("/assets/") || path.startsWith("/chatai/api/");
      if (status < 400 && status !== 304 && !isElsewhere) lines.push(`${status} where nothing is described`);
      return lines;
    }
    if (!(status in responses) && !ANYWHERE.includes(status)) lines.push(`${status} is not described for ${route}`);
    if (status === 200 && path.startsWith("/api/")) lines.push(...cached(headers));
    const body = jsonOf(given);
    const check = checkOf(route, asked, status);
    if (check && body !== undefined && !check(body)) lines.push(`not as described: ${ajv.errorsText(check.errors)}`);
    if (check && body === undefined && method !== "HEAD" && path.startsWith("/api/"))
      lines.push(`${status} without JSON`);
    return lines;
  }

  function any(given: Answer): string[] {
    const lines = general(given, false, isStatus(given));
    const isTold = token !== undefined && (jsonOf(given) as { success?: boolean } | undefined)?.success === true;
    return isTold ? [...lines, "data without a token"] : lines;
  }

  return { answer, any };
}

/** The path that a target means: without its query, and without an authority. */
function pathOf(target: string): string {
  return (
    target
      .trim()
      .replace(/^https?:\/\/[^/?#]*/, "")
      .replace(/[?#].*/s, "") || "/"
  );
}

/** How OTLP refuses. */
function isStatus(answer: Answer): boolean {
  if (answer.headers["content-type"] === "application/x-protobuf") return true;
  const json = jsonOf(answer);
  return typeof json === "object" && json !== null && "code" in json && typeof json.code === "number";
}

function general(answer: Answer, isHead: boolean, isOtlp: boolean): string[] {
  const { status, headers, body } = answer;
  const lines: string[] = [];
  if (status >= 500 && status !== 503) lines.push(`status ${status}`);
  if (headers["x-injected"] !== undefined) lines.push("a header was injected");
  if ((status === 429 || status === 503) && headers["retry-after"] === undefined && !isHealth(answer)) {
    lines.push(`${status} without Retry-After`);
  }
  if (status === 405 && headers["allow"] === undefined) lines.push("405 without Allow");
  if (status < 400 || isHead || isOtlp || isHealth(answer)) return lines;
  return [...lines, ...refused(status, jsonOf(answer), body)];
}

/** A failure is in the envelope, and tells nothing of the inside. */
function refused(status: number, json: unknown, body: Buffer): string[] {
  const { code: number, message } = (json ?? {}) as { code?: unknown; message?: unknown };
  if (number === status && typeof message === "string") return []; // the panel's envelope
  const told = failure.safeParse(json);
  if (!told.success)
    return [`${status} outside the envelope: ${JSON.stringify(body.toString("latin1").slice(0, 200))}`];
  const { code, error } = told.data;
  const lines = ERROR_STATUS[code] === status ? [] : [`${code} with status ${status}`];
  return INSIDE.test(error) ? [...lines, `it tells of the inside: ${error}`] : lines;
}

/** Of `/api/system/health`, 503 has the data of 200. */
function isHealth(answer: Answer): boolean {
  return answer.status === 503 && (jsonOf(answer) as { success?: unknown } | undefined)?.success === true;
}

/** contract §3: "Every 200 under `/api` carries an `ETag` made from its body … (SSE aside); `Cache-Control: private, no-cache`." */
function cached(headers: Answer["headers"]): string[] {
  if (headers["content-type"] === "text/event-stream") return [];
  const lines = headers["etag"] === undefined ? ["200 without ETag"] : [];
  return /no-cache|no-store/.test(String(headers["cache-control"])) ? lines : [...lines, "200 that may be cached"];
}

function jsonOf({ headers, body }: Answer): unknown {
  if (!String(headers["content-type"]).startsWith("application/json")) return undefined;
  try {
    return JSON.parse((headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString());
  } catch {
    return undefined;
  }
}
