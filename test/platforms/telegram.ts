import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SentText {
  chat: string;
  text: string;
}

/** A simulated Telegram Bot API, as far as a bot needs it that asks for its updates. */
export interface Telegram {
  readonly url: string;
  readonly sent: SentText[];
  say(message: {
    from: { id: number; first_name: string };
    chat: { id: number; type: string; title?: string };
    text: string;
  }): void;
  stop(): Promise<void>;
}

/** How long a call for updates is held, in ms. */
const POLL = 200;

export async function startTelegram(token: string): Promise<Telegram> {
  const sent: SentText[] = [];
  const updates: object[] = [];
  let count = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part as string;
    const body = JSON.parse(text || "{}") as { offset?: number; chat_id?: number; text?: string };
    const method = request.url?.replace(`/bot${token}/`, "") ?? "";
    const result = await resultOf(method, body);
    response.writeHead(result === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(
      JSON.stringify(
        result === undefined ? { ok: false, error_code: 404, description: "Not Found" } : { ok: true, result },
      ),
    );
  }

  async function resultOf(
    method: string,
    body: { offset?: number; chat_id?: number; text?: string },
  ): Promise<unknown> {
    switch (method) {
      case "getMe":
        return { id: 77, is_bot: true, first_name: "Bot", username: "botel_bot" };
      case "deleteWebhook":
        return true;
      case "getUpdates": {
        const due = () => updates.filter((update) => (update as { update_id: number }).update_id >= (body.offset ?? 0));
        if (due().length === 0) await new Promise((resolve) => setTimeout(resolve, POLL));
        return due();
      }
      case "sendMessage":
        sent.push({ chat: String(body.chat_id), text: String(body.text) });
        return { message_id: (count += 1), date: 0, chat: { id: body.chat_id, type: "private" }, text: body.text };
      default:
        return undefined;
    }
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    say(message) {
      count += 1;
      updates.push({
        update_id: count,
        message: { message_id: count, date: Math.floor(Date.now() / 1000), ...message },
      });
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
