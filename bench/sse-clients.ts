/** The clients of `bench/sse.ts`, in a process of their own: `node bench/sse-clients.ts HOST PORT HEALTHY STUCK`. */
import { connect, type Socket } from "node:net";

export interface Report {
  /** Clients that are connected. */
  open: number;
  /** Connections that ended before they were asked to. */
  ended: number;
  /** Ids that a healthy client did not get between two that it got, of all clients. */
  holes: number;
  /** Ids that came again. */
  repeats: number;
  /** Clients whose newest id is not the newest of all. */
  behind: number;
  events: number;
  errors: number;
  /** Sums of the `metric` events. */
  sums: Record<string, number>;
  /** [ms, how many `error` events took so long to a client], of all healthy clients. */
  delays: [number, number][];
  /** CPU of this process so far, ms. */
  cpu: number;
}

interface Client {
  last: number;
  tail: Buffer;
}

const NAMED = Buffer.from("\nevent: ");
const SUMS = ["messages", "responses", "requests", "toolCalls", "tokens", "errors"];
const [, , host = "", port = "", healthy = "0", stuck = "0"] = process.argv;

const clients: Client[] = [];
const sockets: Socket[] = [];
/** Type and time of each event, read once for all clients. */
const known = new Map<number, { isError: boolean; sentAt: number }>();
let delays = new Map<number, number>();
let [open, ended, holes, repeats, newest, errors, leaving] = [0, 0, 0, 0, 0, 0, false];
const sums: Record<string, number> = Object.fromEntries(SUMS.map((name) => [name, 0]));

function learn(n: number, all: Buffer, at: number): { isError: boolean; sentAt: number } {
  const [type = "", data = ""] = all.toString("utf8", at, all.indexOf("\n\n", at)).split("\ndata: ");
  const parsed = JSON.parse(data) as Record<string, number> & { error?: string };
  if (type === "metric") for (const name of SUMS) sums[name] = (sums[name] ?? 0) + (parsed[name] ?? 0);
  if (type === "error") errors += 1;
  const event = { isError: type === "error", sentAt: Number(parsed.error?.replace(/\D+/, "")) };
  known.set(n, event);
  return event;
}

/** Finds the ids of what came; nothing but the first of all clients parses it. */
function take(client: Client, part: Buffer): void {
  const now = Date.now();
  const all = client.tail.length > 0 ? Buffer.concat([client.tail, part]) : part;
  const end = all.lastIndexOf("\n\n") + 2;
  for (let at = all.indexOf(NAMED); at >= 0 && at < end; at = all.indexOf(NAMED, at + NAMED.length)) {
    const n = numberBefore(all, at);
    see(client, n, known.get(n) ?? learn(n, all, at + NAMED.length), now);
  }
  client.tail = all.subarray(Math.max(0, end));
}

function numberBefore(all: Buffer, end: number): number {
  let [n, factor] = [0, 1];
  for (let at = end - 1; at >= 0; at -= 1) {
    const digit = (all[at] as number) - 48;
    if (digit < 0 || digit > 9) break;
    n += digit * factor;
    factor *= 10;
  }
  return n;
}

function see(client: Client, n: number, { isError, sentAt }: { isError: boolean; sentAt: number }, now: number): void {
  if (client.last >= 0) {
    if (n <= client.last) repeats += 1;
    else holes += n - client.last - 1;
  }
  client.last = n;
  if (n > newest) newest = n;
  if (isError) delays.set(now - sentAt, (delays.get(now - sentAt) ?? 0) + 1);
}

function start(reads: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      open -= 1;
      if (!leaving) ended += 1;
    });
    socket.write(`GET /api/system/events HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
    socket.once("connect", () => {
      open += 1;
      if (!reads) socket.pause();
      if (!reads) resolve();
    });
    if (!reads) return;
    const client: Client = { last: -1, tail: Buffer.alloc(0) };
    clients.push(client);
    socket.on("data", (part: Buffer) => {
      take(client, part);
      resolve();
    });
  });
}

function report(): Report {
  const { user, system } = process.cpuUsage();
  const behind = clients.filter(({ last }) => last !== newest).length;
  const told = { open, ended, holes, repeats, behind, events: known.size, errors, sums, delays: [...delays] };
  return { ...told, cpu: (user + system) / 1000 };
}

process.on("message", (asked: "report" | "fresh" | "leave") => {
  if (asked === "fresh") delays = new Map();
  if (asked === "report") process.send?.(report());
  if (asked !== "leave") return;
  leaving = true;
  for (const socket of sockets) socket.destroy();
  process.disconnect?.();
});

for (let n = 0; n < Number(healthy); n += 50) {
  await Promise.all(Array.from({ length: Math.min(50, Number(healthy) - n) }, () => start(true)));
}
await Promise.all(Array.from({ length: Number(stuck) }, () => start(false)));
process.send?.(report());
