import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { Clock } from "../lib/clock.ts";
import type { Group, Person } from "./people.ts";

export interface PeerOptions {
  clock: Pick<Clock, "now">;
  /** Of the account that the bot uses. */
  botId: string;
  /** What `get_group_list` tells. */
  groups: readonly Pick<Group, "id" | "name">[];
  /** Clients without it are turned away; absent: all are welcome. */
  accessToken?: string;
  /** ms between two heartbeats. */
  heartbeat: number;
  /** How an action fares that is not simply done: left without an answer, or refused. */
  fails?(action: string): "silent" | "refused" | undefined;
  onSent?(sent: Sent): void;
}

/** A message that the bot sent. */
export interface Sent {
  groupId?: string;
  /** Of a private message. */
  userId?: string;
  text: string;
  /** Id of the message that it answers. */
  quotes?: string;
}

/** What somebody says, to all of a group or to the bot alone. */
export interface Utterance {
  person: Pick<Person, "id" | "name">;
  group?: Pick<Group, "id" | "name">;
  text: string;
  /** Names the bot with `@`. */
  mentions?: boolean;
}

/** A simulated OneBot v11 implementation on a loopback port: a WebSocket server, as NapCat is. */
export interface Peer {
  readonly url: string;
  /** Bots that are connected. */
  readonly connections: number;
  /** @returns the message's id */
  say(utterance: Utterance): string;
  /** Loses every connection without a goodbye, as a crash does. */
  drop(): void;
  /** Says in the next heartbeat whether the account is online. */
  setOnline(online: boolean): void;
  stop(): Promise<void>;
}

type Frame = Record<string, unknown>;

const OK = { status: "ok", retcode: 0, message: "", wording: "" };
const REFUSED = { status: "failed", retcode: 1200, data: null, message: "", wording: "The message was not sent" };
const UNKNOWN_ACTION = { status: "failed", retcode: 1404, data: null, message: "", wording: "There is no such action" };

/** @param port 0: a free one */
export async function startPeer(options: PeerOptions, port = 0): Promise<Peer> {
  const { clock, botId, accessToken } = options;
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({
    server,
    maxPayload: 1024 * 1024,
    verifyClient: ({ req }: { req: IncomingMessage }) => admits(req),
  });
  const beat = setInterval(() => broadcast(heartbeat()), options.heartbeat);
  let [count, online] = [0, true];

  function admits(request: IncomingMessage): boolean {
    const asked = new URL(request.url ?? "/", "ws://localhost").searchParams.get("access_token");
    return (
      accessToken === undefined || request.headers.authorization === `Bearer ${accessToken}` || asked === accessToken
    );
  }

  function event(type: string, rest: Frame): Frame {
    return { time: Math.floor(clock.now() / 1000), self_id: Number(botId), post_type: type, ...rest };
  }

  function heartbeat(): Frame {
    const status = { online, good: online };
    return event("meta_event", { meta_event_type: "heartbeat", status, interval: options.heartbeat });
  }

  function broadcast(frame: Frame): void {
    for (const socket of sockets.clients) write(socket, frame);
  }

  function act(action: string, params: Frame): Frame {
    switch (action) {
      case "get_login_info":
        return { ...OK, data: { user_id: Number(botId), nickname: "botel" } };
      case "get_group_list":
        return { ...OK, data: options.groups.map(({ id, name }) => ({ group_id: Number(id), group_name: name })) };
      case "send_group_msg":
      case "send_private_msg":
        options.onSent?.(readSent(params));
        return { ...OK, data: { message_id: (count += 1) } };
      default:
        return UNKNOWN_ACTION;
    }
  }

  sockets.on("connection", (socket) => {
    write(socket, event("meta_event", { meta_event_type: "lifecycle", sub_type: "connect" }));
    write(socket, heartbeat());
    socket.on("error", () => socket.terminate());
    socket.on("message", (data: Buffer) => {
      const frame = parse(data.toString());
      const action = String(frame?.["action"]);
      const fails = options.fails?.(action);
      if (frame === undefined || fails === "silent") return;
      const answer = fails === "refused" ? REFUSED : act(action, (frame["params"] ?? {}) as Frame);
      write(socket, { ...answer, echo: frame["echo"] });
    });
  });

  function say({ person, group, text, mentions }: Utterance): string {
    const id = (count += 1);
    const named = mentions === true ? [{ type: "at", data: { qq: botId } }] : [];
    const message = [...named, { type: "text", data: { text: named.length > 0 ? ` ${text}` : text } }];
    broadcast(
      event("message", {
        message_type: group === undefined ? "private" : "group",
        sub_type: group === undefined ? "friend" : "normal",
        message_id: id,
        user_id: Number(person.id),
        ...(group !== undefined && { group_id: Number(group.id) }),
        message,
        raw_message: `${named.length > 0 ? `[CQ:at,qq=${botId}] ` : ""}${text}`,
        font: 14,
        sender: { user_id: Number(person.id), nickname: person.name, card: "" },
      }),
    );
    return String(id);
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return sockets.clients.size;
    },
    say,
    drop() {
      for (const socket of sockets.clients) socket.terminate();
    },
    setOnline(now) {
      online = now;
      broadcast(heartbeat());
    },
    async stop() {
      clearInterval(beat);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
      await once(server, "close");
    },
  };
}

interface SendParams {
  group_id?: number | string;
  user_id?: number | string;
  message?: { type: string; data: { text?: string; id?: string } }[];
}

function readSent(params: Frame): Sent {
  const { message = [], group_id: groupId, user_id: userId } = params as SendParams;
  return {
    groupId: groupId?.toString(),
    userId: userId?.toString(),
    text: message.map(({ data }) => data.text ?? "").join(""),
    quotes: message.find(({ type }) => type === "reply")?.data.id,
  };
}

function write(socket: WebSocket, frame: Frame): void {
  socket.send(JSON.stringify(frame), () => {}); // a failed write ends in `close`
}

function parse(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return undefined;
  }
}
