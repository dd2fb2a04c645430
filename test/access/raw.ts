import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

/** What comes back until the server ends the connection. */
export async function raw(port: number, request: string): Promise<string> {
  const socket = open(port);
  socket.write(request);
  return text(socket);
}

/** A connection; that the server may break it at any time is no failure. */
export function open(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => {});
}
