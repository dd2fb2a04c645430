import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type Koa from "koa";
import { BotelError } from "../contract/errors.ts";

export interface Listening {
  /** The port that it got. */
  port: number;
  url: string;
  /** Takes no new connection, ends idle ones at once and the rest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export interface At {
  host: string;
  port: number;
  maxConnections?: number;
  /** A connection was closed because there were too many. */
  onDrop?: () => void;
  /** Other times than the usual ones, for tests. */
  times?: Partial<typeof TIMES>;
}

/** How long a client may take, in ms: to send its headers, and a whole request; and how often that is looked at. */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  // Longer than the usual minute of a proxy, which would else send into a connection that is being closed.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2000,
};
/** A connection on which nothing moves for this long is closed, as of a client that does not read; streams say more. */
const SILENCE_MS = 120_000;

/**
 * @param at `port` 0: a free one
 * @throws the server's error, as EADDRINUSE
 */
export function listen(app: Koa, at: At): Promise<Listening> {
  const answer = app.callback();
  const answering = new WeakSet<Duplex>();
  function take(request: IncomingMessage, response: ServerResponse): void {
    answering.add(request.socket);
    response.once("close", () => answering.delete(request.socket));
    void answer(request, response);
  }
  // Node would refuse a request without Host, and one that expects what it does not know, outside the envelope.
  const server = createServer({ ...TIMES, ...at.times, requireHostHeader: false }, take).on("checkExpectation", take);
  if (at.maxConnections !== undefined) server.maxConnections = at.maxConnections;
  if (at.onDrop) server.on("drop", at.onDrop);
  server.timeout = SILENCE_MS;
  server.on("clientError", (error: Unreadable, socket) => {
    // What follows a request that is being answered must not end up inside that answer.
    if (!socket.writable || answering.has(socket)) socket.destroy();
    else socket.end(refusal(error));
  });

  function close(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
    });
  }

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      server.off("error", reject);
      // As where no file is left for a connection: that one is lost, the server goes on.
      server.on("error", () => at.onDrop?.());
      const { port } = server.address() as AddressInfo;
      const host = at.host.includes(":") ? `[${at.host}]` : at.host;
      resolve({ port, url: `http://${host}:${port}`, close });
    });
  });
}

/** `rawPacket`: what came last before Node gave up. */
type Unreadable = NodeJS.ErrnoException & { rawPacket?: Buffer };

/** What Node could not read as a request never reaches Koa: it is answered here, in the same envelope. */
function refusal(error: Unreadable): string {
  const { code, message, status } =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new BotelError("PAYLOAD_TOO_LARGE", "The address and the headers are too long: 16 KB together at the most.")
      : new BotelError("INVALID_PARAMETER", "This is no HTTP request that botel can read.");
  const body = JSON.stringify({ success: false, error: message, code });
  const isHead = error.rawPacket?.toString("latin1", 0, 5) === "HEAD ";
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${isHead ? "" : body}`
  );
}
