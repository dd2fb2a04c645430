// A bot for OneBot v11 (QQ, by NapCat, Lagrange, …) with botel in it. What botel needs is marked.
//   ONEBOT_URL=ws://127.0.0.1:3001 OPENAI_API_KEY=… node onebot.mjs
import { announceBot, log, message, start } from "botel"; // botel
import { observeFetch } from "botel/ai"; // botel
import { OpenAI } from "openai";
import { WebSocket } from "ws";

start(); // botel: statistics on http://127.0.0.1:3000/
const openai = new OpenAI({ fetch: observeFetch({ channel: "openai-main" }) }); // botel: each call is a request
const model = process.env.MODEL ?? "gpt-4o";
const { ONEBOT_URL: url = "ws://127.0.0.1:3001", ONEBOT_TOKEN: token } = process.env;

function connect() {
  const socket = new WebSocket(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  let botId;
  const announce = (connected) => botId && announceBot({ botId, platform: "onebot", connected }); // botel
  socket.on("message", (frame) => {
    const event = JSON.parse(frame);
    if (event.self_id !== undefined && botId === undefined) {
      botId = String(event.self_id);
      announce(true);
    }
    if (event.post_type === "message") void hear(socket, event);
  });
  socket.on("error", (error) => log("warn", error)); // botel: a log line
  socket.on("close", () => {
    announce(false);
    setTimeout(connect, 1000);
  });
}

async function hear(socket, event) {
  const about = {
    platform: "onebot",
    botId: String(event.self_id),
    userId: String(event.user_id),
    userName: event.sender?.nickname,
    groupId: event.group_id && String(event.group_id),
  };
  // botel: one message and all that it causes
  await message(about, async (turn) => {
    const text = event.raw_message ?? "";
    if (event.group_id && !text.startsWith("!")) return; // heard, and not meant for the bot
    const answer = await openai.chat.completions.create({ model, messages: [{ role: "user", content: text }] });
    const reply = [{ type: "text", data: { text: answer.choices[0].message.content } }];
    const params = { user_id: event.user_id, group_id: event.group_id, message: reply };
    socket.send(JSON.stringify({ action: event.group_id ? "send_group_msg" : "send_private_msg", params }));
    turn.responded(); // botel: a reply was sent
  }).catch((error) => log("error", error));
}

connect();
