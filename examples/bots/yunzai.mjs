// A plug-in for Yunzai (plugins/example/ai.js) with botel in it. What botel needs is marked.
import { announceBot, log, message, start } from "botel"; // botel
import { observeFetch } from "botel/ai"; // botel
import { OpenAI } from "openai";

start(); // botel: statistics on http://127.0.0.1:3000/
const openai = new OpenAI({ fetch: observeFetch({ channel: "openai-main" }) }); // botel: each call is a request
const model = process.env.MODEL ?? "gpt-4o";
const announced = new Set();

// eslint-disable-next-line no-undef -- Yunzai's global
export class botelChat extends plugin {
  constructor() {
    const rule = [
      { reg: "^#ai\\s*(.+)", fnc: "answer" },
      { reg: "", fnc: "hear", log: false },
    ];
    super({ name: "AI", dsc: "AI chat", event: "message", priority: 5000, rule });
  }

  /** `#ai …`: asks the model. */
  async answer(e) {
    // botel: one message and all that it causes
    await message(this.about(e), async (turn) => {
      const content = e.msg.replace(/^#ai\s*/, "");
      const answer = await openai.chat.completions.create({ model, messages: [{ role: "user", content }] });
      await e.reply(answer.choices[0].message.content, true);
      turn.responded(); // botel: a reply was sent
    }).catch((error) => log("error", error));
    return true;
  }

  /** Anything else is heard, and goes on to the other plug-ins. */
  async hear(e) {
    await message(this.about(e), () => {}); // botel
    return false;
  }

  about(e) {
    const botId = String(e.self_id);
    if (!announced.has(botId)) announceBot({ botId, platform: "qq", connected: true }); // botel
    announced.add(botId);
    return {
      platform: "qq",
      botId,
      userId: String(e.user_id),
      userName: e.sender?.card || e.sender?.nickname,
      groupId: e.isGroup ? String(e.group_id) : undefined,
      groupName: e.group_name,
    };
  }
}
