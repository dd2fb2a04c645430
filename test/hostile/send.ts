import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Hostile } from "./requests.ts";

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export interface Target {
  host: string;
  port: number;
  agent: Agent;
}

/** How long an answer may take before it is none. */
const PATIENCE_MS = 20_000;
/** A connection on which nothing comes for so long is told that nothing more is sent. */
const QUIET_MS = 150;
const STREAMED = 2000;

/** Sends one request, also one that Node's client refuses to write. @throws Error where no answer comes */
export async function send(target: Target, request: Hostile): Promise<Answer[]> {
  try {
    return [await byClient(target, request)];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return byBytes(target, bytesOf(request, target), request.method === "HEAD");
  }
}

function withHost({ headers, body }: Hostile, { host, port }: Target): Hostile["headers"] {
  const isHostSet = headers.some(([name]) => name.toLowerCase() === "host");
  return [
    ...(isHostSet ? [] : [["Host", `${host}:${port}`] as [string, string]]),
    ...headers,
    ...(body ? [["Content-Length", String(body.length)] as [string, string]] : []),
  ];
}

function byClient(target: Target, hostile: Hostile): Promise<Answer> {
  const { method, target: path, body } = hostile;
  const headers = withHost(hostile, target).flat();
  const { host, port, agent } = target;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // Throws where the client itself refuses the path, the method or a header.
  const sent = httpRequest({ host, port, agent, method, path, headers, signal }, (answer) => {
    read(answer, method === "HEAD").then(resolve, reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/** Of a stream, its beginning. */
async function read(answer: IncomingMessage, isHead: boolean): Promise<Answer> {
  const parts: Buffer[] = [];
  const { statusCode: status = 0, headers } = answer;
  const isStream = headers["content-type"] === "text/event-stream" && !isHead;
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (isStream && size > STREAMED) break;
    if (isStream && Buffer.concat(parts).includes("\n\n")) break;
  }
  return { status, headers, body: Buffer.concat(parts) };
}

function bytesOf(hostile: Hostile, target: Target): Buffer {
  const headers = withHost(hostile, target).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${hostile.method} ${hostile.target} HTTP/1.1\r\n${headers.join("")}Connection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "utf8"), hostile.body ?? Buffer.alloc(0)]);
}

/** Writes bytes to a connection of their own. @returns the answers to them; none where it was closed without a word */
export function byBytes({ host, port }: Target, bytes: Buffer, isHead = false): Promise<Answer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer[]>();
  const parts: Buffer[] = [];
  const socket = connect({ host, port, allowHalfOpen: true });
  const over = setTimeout(() => {
    socket.destroy();
    reject(
      new Error(`the connection stays open: ${JSON.stringify(Buffer.concat(parts).toString("latin1").slice(0, 300))}`),
    );
  }, PATIENCE_MS);
  let quiet = setTimeout(() => socket.end(), QUIET_MS);
  socket.on("data", (part: Buffer) => {
    parts.push(part);
    clearTimeout(quiet);
    const isStream = Buffer.concat(parts).includes("text/event-stream");
    quiet = setTimeout(() => (isStream ? socket.destroy() : socket.end()), QUIET_MS);
  });
  // A reset is an end, too: what was sent and not read makes one.
  socket.on("error", () => {});
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    clearTimeout(over);
    clearTimeout(quiet);
    try {
      resolve(answersIn(Buffer.concat(parts), isHead));
    } catch (error) {
      reject(error);
    }
  });
  socket.write(bytes);
  return promise;
}

/** Takes what came on a connection apart. @throws Error where something in it is no answer */
export function answersIn(bytes: Buffer, isHead: boolean): Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    const [line = "", ...lines] = bytes.toString("latin1", at, end < 0 ? bytes.length : end).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (end < 0 || Number.isNaN(status)) throw new Error(`no answer: ${JSON.stringify(line.slice(0, 200))}`);
    const headers = Object.fromEntries(
      lines.map((each) => [each.split(":")[0]?.toLowerCase(), each.slice(each.indexOf(":") + 1).trim()]),
    );
    const isEmpty = status < 200 || status === 304 || (isHead && startsAnswer(bytes, end + 4));
    const { body, next } = bodyAt(bytes, end + 4, headers, isEmpty);
    if (status >= 200) answers.push({ status, headers, body });
    at = next;
  }
  return answers;
}

/** What could not be read was answered with a body, also where it meant to be HEAD. */
function startsAnswer(bytes: Buffer, at: number): boolean {
  return at === bytes.length || bytes.toString("latin1", at, at + 5) === "HTTP/";
}

function bodyAt(
  bytes: Buffer,
  from: number,
  headers: Record<string, string>,
  isEmpty: boolean,
): { body: Buffer; next: number } {
  if (isEmpty) return { body: Buffer.alloc(0), next: from };
  if (headers["transfer-encoding"] === "chunked") return chunksAt(bytes, from);
  const length = headers["content-length"];
  const next = length === undefined ? bytes.length : from + Number(length);
  return { body: bytes.subarray(from, next), next };
}

function chunksAt(bytes: Buffer, from: number): { body: Buffer; next: number } {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size)) return { body: Buffer.concat(parts), next: bytes.length };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
    if (size === 0) return { body: Buffer.concat(parts), next: at };
  }
}
