import { createActions } from "./actions.ts";
import { asObject, idOf, nameOf, readFrame, type ChatMessage, type Inbound } from "./events.ts";
import type { Pace } from "./pace.ts";
import { cutText, replySegments } from "./segments.ts";
import { connectLasting } from "./socket.ts";

/** `bot.platform` of every message that comes over OneBot. */
export const PLATFORM = "onebot";

export interface OneBotOptions {
  url: string;
  accessToken?: string;
  pace: Pace;
  onMessage(message: ChatMessage): void;
  /** Each time that `connected` changes; before the first time nobody knows the bot's id. */
  onState(state: { botId: string; connected: boolean }): void;
  report: (level: "info" | "warn", line: string) => void;
}

/** A OneBot v11 implementation (NapCat, Lagrange) reached by a forward WebSocket, and again whenever that is lost. */
export interface OneBot {
  /** True while the socket is open, the implementation named its account, and says that it is online. */
  readonly connected: boolean;
  /**
   * Sends `text` to where `message` came from, in several messages where it is long.
   *
   * @throws {ActionError} where not even the first of them was sent
   */
  reply(message: ChatMessage, text: string): Promise<void>;
  /** Resolves when the socket is closed, and `connected` told to be false. */
  stop(): Promise<void>;
}

/** Characters of one platform message. */
const MAX_TEXT = 1200;

export function connectOneBot(options: OneBotOptions): OneBot {
  const { url, accessToken, pace, report } = options;
  const groupNames = new Map<string, string>();
  let [connected, online, stopped] = [false, true, false];
  let botId: string | undefined;
  /** Why it could not be reached the last time: told once, not at every try. */
  let lastWhy: string | undefined;

  const actions = createActions((text) => socket.send(text), pace.actionTimeout);
  const socket = connectLasting({
    url,
    headers: accessToken ? { Authorization: `Bearer ${accessToken}` } : undefined,
    pace,
    onOpen() {
      [online, lastWhy] = [true, undefined];
      introduce().catch((error: Error) => {
        if (!stopped) report("warn", `OneBot: ${error.message}`);
      });
    },
    onFrame(text) {
      const inbound = readFrame(text);
      if (inbound !== undefined) receive(inbound);
    },
    onLost(why) {
      actions.abandon("the connection was lost");
      if (!stopped && why !== lastWhy) report("warn", `OneBot: no connection to ${url}: ${why}`);
      lastWhy = why;
      if (botId !== undefined) settle(botId, false);
    },
  });

  /** Asks for what the events may not say: who the bot is, and what its groups are called. */
  async function introduce(): Promise<void> {
    const login = asObject(await actions.call("get_login_info", {}));
    const id = idOf(login?.["user_id"]);
    if (id !== undefined) settle(id, online);
    const groups = await actions.call("get_group_list", {});
    groupNames.clear();
    for (const group of Array.isArray(groups) ? groups.map(asObject) : []) {
      const [groupId, name] = [idOf(group?.["group_id"]), nameOf(group?.["group_name"])];
      if (groupId !== undefined && name !== undefined) groupNames.set(groupId, name);
    }
  }

  function receive(inbound: Inbound): void {
    switch (inbound.kind) {
      case "answer":
        return actions.answered(inbound);
      case "refused":
        report("warn", `OneBot: ${url} refuses the access token: ${inbound.why}`);
        return socket.drop();
      case "lifecycle":
        return settle(inbound.botId, online);
      case "heartbeat":
        online = inbound.online;
        return settle(inbound.botId, online);
      case "message": {
        const { message } = inbound;
        settle(message.botId, online);
        message.groupName ??= groupNames.get(message.groupId ?? "");
        return options.onMessage(message);
      }
    }
  }

  function settle(id: string, now: boolean): void {
    if (id === botId && now === connected) return;
    if (botId !== undefined && id !== botId && connected) options.onState({ botId, connected: false });
    [botId, connected] = [id, now];
    if (now) socket.steady();
    if (!stopped) report(now ? "info" : "warn", `OneBot: ${id} is ${now ? "connected" : "away"}`);
    options.onState({ botId: id, connected: now });
  }

  async function reply(message: ChatMessage, text: string): Promise<void> {
    for (const [index, part] of cutText(text, MAX_TEXT).entries()) {
      try {
        await send(message, part, index === 0);
      } catch (error) {
        if (index === 0) throw error;
        return report("warn", `OneBot: the rest of a reply was not sent: ${(error as Error).message}`);
      }
    }
  }

  function send({ userId, groupId, messageId }: ChatMessage, text: string, first: boolean): Promise<unknown> {
    if (groupId === undefined) {
      return actions.call("send_private_msg", { user_id: wireId(userId), message: replySegments(text) });
    }
    const message = replySegments(text, first ? messageId : undefined);
    return actions.call("send_group_msg", { group_id: wireId(groupId), message });
  }

  return {
    get connected() {
      return connected;
    },
    reply,
    async stop() {
      stopped = true;
      await socket.stop();
    },
  };
}

/** OneBot's ids are numbers on the wire where they can be. */
function wireId(id: string): number | string {
  const number = Number(id);
  return Number.isSafeInteger(number) && String(number) === id ? number : id;
}
