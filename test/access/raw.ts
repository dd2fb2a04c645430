import { connect, type Socket } from "node:net";

/** What comes back until the server ends the connection. */
export async function raw(port: number, request: string): Promise<string> {
  const socket = open(port);
  socket.write(request);
  return read(socket);
}

/** A connection; that the server may break it at any time is no failure. */
export function open(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => {});
}

/** All that comes, until the connection ends or breaks. */
export function read(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => (text += part));
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}
