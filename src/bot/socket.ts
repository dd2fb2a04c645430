import { WebSocket } from "ws";
import type { Pace } from "./pace.ts";

export interface SocketOptions {
  url: string;
  headers?: Record<string, string>;
  pace: Pick<Pace, "actionTimeout" | "reconnectMin" | "reconnectMax" | "silence">;
  onOpen(): void;
  onFrame(text: string): void;
  /** The socket is gone, or could not be opened. */
  onLost(why: string): void;
}

/** A WebSocket that is opened again, ever more patiently, when it is lost or falls silent. */
export interface LastingSocket {
  /** @returns false where the socket is not open: nothing was sent */
  send(text: string): boolean;
  /** The other side is who we meant: the next wait is the shortest again. */
  steady(): void;
  /** Gives this connection up; the next one is tried after the usual wait. */
  drop(): void;
  /** Resolves when the socket is closed. */
  stop(): Promise<void>;
}

/** Larger frames end the connection. */
const MAX_FRAME = 4 * 1024 * 1024;
/** ms for the other side to say goodbye. */
const FAREWELL = 300;

export function connectLasting(options: SocketOptions): LastingSocket {
  const { pace } = options;
  let socket: WebSocket;
  let [stopped, fails] = [false, 0];
  let reconnect: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;

  function connect(): void {
    let why = "closed";
    const own = new WebSocket(options.url, {
      headers: options.headers,
      maxPayload: MAX_FRAME,
      handshakeTimeout: pace.actionTimeout,
    });
    socket = own;
    own.on("open", () => {
      heard();
      options.onOpen();
    });
    own.on("message", (data: Buffer) => {
      heard();
      options.onFrame(data.toString());
    });
    own.on("pong", heard);
    own.on("error", (error) => (why = error.message));
    own.on("close", (code) => lost(why === "closed" && code === 1006 ? "the other side is gone" : why));
  }

  function heard(): void {
    clearTimeout(deadline);
    const own = socket;
    deadline = setTimeout(() => {
      own.ping();
      deadline = setTimeout(() => own.terminate(), pace.silence / 2);
    }, pace.silence / 2);
  }

  function lost(why: string): void {
    clearTimeout(deadline);
    options.onLost(why);
    if (stopped) return;
    const wait = Math.min(pace.reconnectMin * 2 ** fails, pace.reconnectMax);
    fails += 1;
    reconnect = setTimeout(connect, wait);
  }

  function close(): void {
    const own = socket;
    own.close();
    setTimeout(() => own.terminate(), FAREWELL).unref();
  }

  connect();
  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text, () => {}); // a failed write closes the socket, which is told by `onLost`
      return true;
    },
    steady: () => (fails = 0),
    drop: close,
    async stop() {
      stopped = true;
      clearTimeout(reconnect);
      if (socket.readyState === WebSocket.CLOSED) return;
      const own = socket;
      const closed = new Promise((resolve) => own.once("close", resolve));
      close();
      await closed;
    },
  };
}
