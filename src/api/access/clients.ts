import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";
import { createAddressList } from "../../lib/address.ts";

/** Where a request comes from. */
export interface Origin {
  /** As a key for counting: of IPv6 the network of 64 bits that one client has to itself. */
  address: string;
  /** Whether a trusted proxy took it by HTTPS. */
  https: boolean;
}

/**
 * @param trustedProxies addresses and networks whose headers are believed; of all others they gain nothing
 * @returns where a request comes from
 */
export function createOrigins(trustedProxies: readonly string[]): (request: IncomingMessage) => Origin {
  const trusted = createAddressList(trustedProxies);
  return ({ socket, headers }) => {
    const peer = socket.remoteAddress ?? "";
    if (!trusted.has(peer)) return { address: networkOf(peer), https: false };
    const proto = lastOf(headers["x-forwarded-proto"]).at(-1);
    return {
      address: networkOf(clientOf(peer, lastOf(headers["x-forwarded-for"]), trusted)),
      https: proto?.toLowerCase() === "https",
    };
  };
}

/** Each proxy adds at the end whom it was asked by: the first from there that is no proxy of ours is the client. */
function clientOf(peer: string, chain: readonly string[], trusted: { has(address: string): boolean }): string {
  let client = peer;
  for (const hop of chain.toReversed()) {
    if (isIP(hop) === 0) return client;
    client = hop;
    if (!trusted.has(hop)) return client;
  }
  return client;
}

function lastOf(header: string | string[] | undefined): string[] {
  return String(header ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = [], tail = []] = address
    .toLowerCase()
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
