import type { IncomingMessage } from "node:http";
import { gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from "node:zlib";
import { BotelError } from "../contract/errors.ts";
import { malformed } from "./limits.ts";

export interface BodyLimits {
  /** Bytes of a body as it is sent. */
  maxBodyBytes: number;
  /** Bytes of it when it is inflated. */
  maxInflatedBytes: number;
}

/**
 * Reads a body into memory of its own, which can be given to another thread.
 *
 * @param took is told the bytes as they come
 * @throws {BotelError} PAYLOAD_TOO_LARGE as soon as it is longer than it may be; INVALID_PARAMETER where it breaks off
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  took: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers["content-length"] ?? Number.NaN);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const body = Number.isSafeInteger(announced) ? new Uint8Array(announced) : undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Left before its end, the request stays whole: see `discard`.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      took(chunk.length);
      if (body === undefined) chunks.push(chunk);
      else body.set(chunk, length - chunk.length);
    }
  } catch (error) {
    throw error instanceof BotelError ? error : malformed("the body broke off");
  }
  if (body !== undefined) return length === body.length ? body : body.slice(0, length);
  return ownMemory(Buffer.concat(chunks, length));
}

/** Of a body that is refused, this much more is read: a client reads its answer only when it has sent all. */
const MAX_DISCARDED = 64 * 1024 * 1024;

/**
 * Reads the rest of a body to nowhere, so that the connection carries the answer and the next request; a client that
 * sends on and on is cut off.
 */
export function discard(request: IncomingMessage): void {
  let left = MAX_DISCARDED;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}

function tooLarge(maxBytes: number): BotelError {
  return new BotelError("PAYLOAD_TOO_LARGE", `A body has ${maxBytes} bytes at the most (ingest.maxBodyBytes).`);
}

export type Inflate = (body: Uint8Array, encoding: "gzip" | "deflate") => Promise<Uint8Array<ArrayBuffer>>;

/**
 * One body after the other: the threads of a process share four threads for such work, and a bot needs them too. The size
 * is held to while it inflates.
 */
export function createInflater(maxBytes: number): Inflate {
  let last: Promise<unknown> = Promise.resolve();
  return (body, encoding) => {
    const inflated = last.then(() => inflateOne(body, encoding, maxBytes));
    last = inflated.catch(() => undefined);
    return inflated;
  };
}

type Unzip = (
  bytes: InputType,
  options: ZlibOptions,
  done: (error: NodeJS.ErrnoException | null, result: Buffer) => void,
) => void;

function inflateOne(
  body: Uint8Array,
  encoding: "gzip" | "deflate",
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const unzip: Unzip = encoding === "gzip" ? gunzip : hasZlibHeader(body) ? inflate : inflateRaw;
  return new Promise((resolve, reject) => {
    unzip(body, { maxOutputLength: maxBytes, chunkSize: 256 * 1024 }, (error, result) => {
      if (error === null) resolve(ownMemory(result));
      else if (error.code === "ERR_BUFFER_TOO_LARGE") {
        const sentence = `A body has ${maxBytes} bytes at the most when it is inflated (ingest.maxInflatedBytes).`;
        reject(new BotelError("PAYLOAD_TOO_LARGE", sentence));
      } else reject(malformed(`its ${encoding} is broken`));
    });
  });
}

/** `deflate` is zlib's format; some senders leave its two bytes of header out. */
function hasZlibHeader([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** Small buffers lie in a pool that others use. */
function ownMemory(buffer: Buffer): Uint8Array<ArrayBuffer> {
  const whole = buffer.byteOffset === 0 && buffer.byteLength === buffer.buffer.byteLength;
  return whole ? new Uint8Array(buffer.buffer as ArrayBuffer) : new Uint8Array(buffer);
}
