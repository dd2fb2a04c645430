import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { SentText } from "./telegram.ts";

/** A simulated Discord: its REST API and its gateway, with one server that has one channel. */
export interface Discord {
  /** Base of the REST API. */
  readonly api: string;
  readonly sent: SentText[];
  readonly connections: number;
  say(author: { id: string; username: string }, text: string, mentionsBot: boolean): void;
  stop(): Promise<void>;
}

export const BOT = { id: "9001", username: "botel", discriminator: "0", avatar: null, bot: true };
export const CHANNEL = { id: "9102", name: "general" };
const GUILD = "9101";
const [DISPATCH, HEARTBEAT, IDENTIFY, HELLO, HEARTBEAT_ACK] = [0, 1, 2, 10, 11];
const TEXT_CHANNEL = 0;

export async function startDiscord(): Promise<Discord> {
  const sent: SentText[] = [];
  const ready = new Set<WebSocket>();
  let [sequence, count] = [0, 20_000];

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  const sockets = new WebSocketServer({ server });

  function dispatch(socket: WebSocket, t: string, d: object): void {
    socket.send(JSON.stringify({ op: DISPATCH, s: (sequence += 1), t, d }));
  }

  sockets.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("close", () => ready.delete(socket));
    socket.on("message", (data: Buffer) => {
      const { op } = JSON.parse(data.toString()) as { op: number };
      if (op === HEARTBEAT) socket.send(JSON.stringify({ op: HEARTBEAT_ACK }));
      if (op !== IDENTIFY) return;
      dispatch(socket, "READY", {
        v: 10,
        user: BOT,
        guilds: [{ id: GUILD, unavailable: true }],
        session_id: "session",
        resume_gateway_url: gateway(),
        shard: [0, 1],
        application: { id: BOT.id, flags: 0 },
      });
      dispatch(socket, "GUILD_CREATE", guild());
      ready.add(socket);
    });
    socket.send(JSON.stringify({ op: HELLO, d: { heartbeat_interval: 40_000 } }));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part as string;
    const result = resultOf(request.url ?? "", body);
    response.writeHead(result === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(result ?? { message: "404: Not Found", code: 0 }));
  }

  function resultOf(url: string, body: string): object | undefined {
    if (url.endsWith("/gateway/bot")) {
      const session_start_limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
      return { url: gateway(), shards: 1, session_start_limit };
    }
    const [, channel] = /\/channels\/(\d+)\/messages$/.exec(url) ?? [];
    if (channel === undefined) return undefined;
    const { content } = JSON.parse(body) as { content: string };
    sent.push({ chat: channel, text: content });
    return messageOf(BOT, content, []);
  }

  function messageOf(author: object, content: string, mentions: object[]) {
    return {
      id: String((count += 1)),
      channel_id: CHANNEL.id,
      guild_id: GUILD,
      author,
      content,
      mentions,
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mention_roles: [],
      attachments: [],
      embeds: [],
      pinned: false,
      type: 0,
    };
  }

  function gateway(): string {
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    api: `${gateway().replace("ws:", "http:")}/api`,
    sent,
    get connections() {
      return ready.size;
    },
    say(author, text, mentionsBot) {
      const content = mentionsBot ? `<@${BOT.id}> ${text}` : text;
      const full = { ...author, discriminator: "0", avatar: null };
      const message = messageOf(full, content, mentionsBot ? [BOT] : []);
      for (const socket of ready) dispatch(socket, "MESSAGE_CREATE", message);
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function guild(): object {
  const everyone = {
    id: GUILD,
    name: "@everyone",
    permissions: "8",
    position: 0,
    color: 0,
    hoist: false,
    managed: false,
    mentionable: false,
  };
  return {
    id: GUILD,
    name: "Server",
    owner_id: "1",
    roles: [everyone],
    emojis: [],
    stickers: [],
    features: [],
    channels: [{ ...CHANNEL, type: TEXT_CHANNEL, position: 0, permission_overwrites: [] }],
    members: [{ user: BOT, roles: [], joined_at: new Date().toISOString(), deaf: false, mute: false, flags: 0 }],
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    member_count: 1,
    unavailable: false,
    premium_tier: 0,
    premium_subscription_count: 0,
    verification_level: 0,
    explicit_content_filter: 0,
    default_message_notifications: 0,
    mfa_level: 0,
    nsfw_level: 0,
    system_channel_flags: 0,
    preferred_locale: "en-US",
    premium_progress_bar_enabled: false,
    afk_timeout: 300,
  };
}
