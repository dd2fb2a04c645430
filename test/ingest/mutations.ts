import { gzipSync } from "node:zlib";

/** Bytes that are broken, in the ways that break decoders. */

export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const upTo = (random: Random, n: number): number => Math.floor(random() * n);

/** Bytes that mean something to one of the formats. */
const TELLING = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x7b, 0x7d, 0x5b, 0x5d, 0x22, 0x2c, 0x3a];

type Mutation = (bytes: Buffer, random: Random) => Buffer;

function flipBits(bytes: Buffer, random: Random): Buffer {
  for (let n = 1 + upTo(random, 8); n > 0 && bytes.length > 0; n -= 1) {
    const at = upTo(random, bytes.length);
    bytes[at] = bytes[at]! ^ (1 << upTo(random, 8));
  }
  return bytes;
}

function setBytes(bytes: Buffer, random: Random): Buffer {
  for (let n = 1 + upTo(random, 8); n > 0 && bytes.length > 0; n -= 1) {
    bytes[upTo(random, bytes.length)] = TELLING[upTo(random, TELLING.length)]!;
  }
  return bytes;
}

function cut(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, upTo(random, bytes.length + 1));
}

function takeOut(bytes: Buffer, random: Random): Buffer {
  const from = upTo(random, bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + upTo(random, 40))]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const from = upTo(random, bytes.length);
  const part = bytes.subarray(from, from + upTo(random, 200));
  const times = Array.from({ length: 1 + upTo(random, 50) }, () => part);
  return Buffer.concat([bytes.subarray(0, from), ...times, bytes.subarray(from)]);
}

function insert(bytes: Buffer, random: Random): Buffer {
  const at = upTo(random, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), noise(random, 30), bytes.subarray(at)]);
}

/** Numbers of JSON that are none of the usual ones. */
const NUMBERS = [
  "-1",
  "1e308",
  "1e-400",
  "9223372036854775808",
  "0.1",
  "null",
  "true",
  '""',
  "{}",
  "[]",
  '"__proto__"',
];

function changeNumber(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString("latin1");
  const places = [...text.matchAll(/"?\d+"?/g)];
  const place = places[upTo(random, places.length)];
  if (place === undefined) return bytes;
  const other = NUMBERS[upTo(random, NUMBERS.length)]!;
  return Buffer.from(text.slice(0, place.index) + other + text.slice(place.index + place[0].length), "latin1");
}

function noise(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: upTo(random, most) }, () => upTo(random, 256)));
}

/** A list of lists of lists, in both formats; protobuf's lengths are wrong from some depth on. */
function deep(_: Buffer, random: Random): Buffer {
  const depth = 1 + upTo(random, 20_000);
  if (random() < 0.5) return Buffer.from(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  let inner = Buffer.alloc(0);
  for (let n = 0; n < Math.min(depth, 60); n += 1) {
    inner = Buffer.concat([Buffer.of(0x0a, Math.min(127, inner.length)), inner]);
  }
  return inner;
}

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  setBytes,
  setBytes,
  cut,
  takeOut,
  repeat,
  insert,
  changeNumber,
  (_, random) => noise(random, 2000),
  deep,
];

export interface Payload {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** A payload made of a good one; now and then its headers lie, too. */
export function mutated(good: Payload, random: Random): Payload {
  let body: Buffer = Buffer.from(good.body);
  for (let n = 1 + upTo(random, 3); n > 0; n -= 1) body = MUTATIONS[upTo(random, MUTATIONS.length)]!(body, random);
  const headers = { ...good.headers };
  const lie = random();
  if (lie < 0.05)
    headers["content-type"] = ["application/json", "application/x-protobuf", "text/html"][upTo(random, 3)]!;
  if (lie >= 0.05 && lie < 0.1)
    return { ...good, headers: { ...headers, "content-encoding": "gzip" }, body: gzipped(body, random) };
  const paths = ["/v1/traces", "/v1/logs", "/v1/metrics"];
  const path = random() < 0.05 ? paths[upTo(random, 3)]! : good.path;
  return { path, headers, body };
}

function gzipped(body: Buffer, random: Random): Buffer {
  const packed = gzipSync(body);
  return random() < 0.5 ? packed : flipBits(packed, random);
}
