import { BlockList, isIP, isIPv6 } from "node:net";

/** Addresses of the internet protocol, single ones and whole networks. */
export interface AddressList {
  /** @param address as a socket has it; whatever is no address is in no list */
  has(address: string): boolean;
}

/**
 * @param entries `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`
 * @throws {Error} that names the first which is none of these
 */
export function createAddressList(entries: readonly string[]): AddressList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix, ...rest] = entry.split("/");
    const family = familyOf(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (isIP(address) === 0 || rest.length > 0 || !(bits === undefined || isPrefix(prefix, bits, family))) {
      throw new Error(`"${entry}" is no address and no network, as 10.0.0.0/8 is`);
    }
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return { has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)) };
}

function isPrefix(text: string | undefined, bits: number, family: "ipv4" | "ipv6"): boolean {
  return /^\d{1,3}$/.test(text ?? "") && bits <= (family === "ipv4" ? 32 : 128);
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

const LOOPBACK = createAddressList(["127.0.0.0/8", "::1"]);

/** @param host a name or an address, without brackets: whether only this machine reaches it */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || LOOPBACK.has(host);
}
