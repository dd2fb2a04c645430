import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** A way to a server that can be cut and mended, as a network. */
export interface Proxy {
  url: string;
  /** Ends every connection, and takes no new one. */
  cut(): void;
  mend(): void;
  close(): void;
}

export async function startProxy(to: string): Promise<Proxy> {
  const { hostname, port } = new URL(to);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const other = connect(Number(port), hostname);
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ] as const) {
      open.add(one);
      one.pipe(another);
      one.on("error", () => another.destroy());
      one.on("close", () => {
        open.delete(one);
        another.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
