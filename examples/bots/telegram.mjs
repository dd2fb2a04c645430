// A Telegram bot by grammY with botel in it. What botel needs is marked.
//   TELEGRAM_TOKEN=… OPENAI_API_KEY=… node telegram.mjs
import { announceBot, log, message, start, wrapTool } from "botel"; // botel
import { observeFetch } from "botel/ai"; // botel
import { Bot } from "grammy";
import { OpenAI } from "openai";

start(); // botel: statistics on http://127.0.0.1:3000/
const openai = new OpenAI({ fetch: observeFetch({ channel: "openai-main" }) }); // botel: each call is a request
const model = process.env.MODEL ?? "gpt-4o";
const { TELEGRAM_TOKEN: token = "", TELEGRAM_API: apiRoot } = process.env;
const bot = new Bot(token, { client: { ...(apiRoot && { apiRoot }) } });

const rollDice = wrapTool("roll_dice", ({ count = 1, sides = 6 }) => ({
  // botel: a tool call
  rolls: Array.from({ length: count }, () => 1 + Math.floor(Math.random() * sides)),
}));
const properties = { count: { type: "integer" }, sides: { type: "integer" } };
const parameters = { type: "object", properties };
const tools = [{ type: "function", function: { name: "roll_dice", description: "Rolls dice", parameters } }];

async function answer(text) {
  const messages = [{ role: "user", content: text }];
  for (;;) {
    const { choices } = await openai.chat.completions.create({ model, messages, tools });
    const { content, tool_calls: calls } = choices[0].message;
    if (!calls?.length) return content;
    messages.push(choices[0].message);
    for (const { id, function: called } of calls) {
      const result = await rollDice(JSON.parse(called.arguments));
      messages.push({ role: "tool", tool_call_id: id, content: JSON.stringify(result) });
    }
  }
}

bot.on("message:text", async (ctx) => {
  const about = {
    platform: "telegram",
    botId: String(ctx.me.id),
    userId: String(ctx.from.id),
    userName: ctx.from.first_name,
    groupId: ctx.chat.type === "private" ? undefined : String(ctx.chat.id),
    groupName: ctx.chat.title,
  };
  // botel: one message and all that it causes
  await message(about, async (turn) => {
    await ctx.reply(await answer(ctx.message.text));
    turn.responded(); // botel: a reply was sent
  });
});
bot.catch(({ error }) => log("error", error)); // botel: an error line
const announce = (botId, connected) => announceBot({ botId: String(botId), platform: "telegram", connected }); // botel
await bot.start({ onStart: (me) => announce(me.id, true) });
