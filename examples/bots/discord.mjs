// A Discord bot by discord.js with botel in it. What botel needs is marked.
//   DISCORD_TOKEN=… OPENAI_API_KEY=… node discord.mjs
import { announceBot, log, message, start } from "botel"; // botel
import { observeFetch } from "botel/ai"; // botel
import { Client, Events, GatewayIntentBits } from "discord.js";
import { OpenAI } from "openai";

start(); // botel: statistics on http://127.0.0.1:3000/
const openai = new OpenAI({ fetch: observeFetch({ channel: "openai-main" }) }); // botel: each call is a request
const model = process.env.MODEL ?? "gpt-4o";
const { DISCORD_API: api } = process.env;

const { Guilds, GuildMessages, MessageContent, DirectMessages } = GatewayIntentBits;
const client = new Client({
  intents: [Guilds, GuildMessages, MessageContent, DirectMessages],
  ...(api && { rest: { api } }),
});

const announce = (connected) => announceBot({ botId: client.user.id, platform: "discord", connected }); // botel
client.on(Events.ClientReady, () => announce(true));
client.on(Events.ShardDisconnect, () => announce(false));
client.on(Events.ShardResume, () => announce(true));
client.on(Events.Error, (error) => log("error", error)); // botel: an error line

client.on(Events.MessageCreate, (event) => void hear(event));

async function hear(event) {
  if (event.author.bot) return;
  const about = {
    platform: "discord",
    botId: client.user.id,
    userId: event.author.id,
    userName: event.author.displayName,
    groupId: event.guildId ? event.channelId : undefined,
    groupName: event.channel?.name,
  };
  // botel: one message and all that it causes
  await message(about, async (turn) => {
    if (event.guildId && !event.mentions.has(client.user)) return; // heard, and not meant for the bot
    const messages = [{ role: "user", content: event.cleanContent }];
    const answer = await openai.chat.completions.create({ model, messages });
    await event.reply(answer.choices[0].message.content);
    turn.responded(); // botel: a reply was sent
  }).catch((error) => log("error", error));
}

await client.login(process.env.DISCORD_TOKEN);
