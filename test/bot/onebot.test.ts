import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startBot } from "../../src/bot/bot.ts";
import { ALICE, BOB, BOT_ID, ending, GROUP, QUICK, startTestPeer, startWorld, until } from "./world.ts";
import { createRecorder } from "./recorder.ts";

test("a question in a group is answered there, quoting it", async () => {
  const { peer, sent, recorder } = await startWorld();
  const id = peer.say({ person: ALICE, group: GROUP, text: "Tell me a joke", mentions: true });
  await until(() => sent.length === 1);
  expect(sent[0]).toMatchObject({ groupId: GROUP.id, userId: undefined, quotes: id });
  expect(sent[0]?.text).not.toBe("");
  await until(() => recorder.messages.length === 1);
  expect(recorder.messages[0]).toMatchObject({
    platform: "onebot",
    botId: BOT_ID,
    userId: ALICE.id,
    userName: ALICE.name,
    groupId: GROUP.id,
    responses: 1,
    failed: false,
  });
});

test("the name of a group comes from the platform's list of groups", async () => {
  const { peer, recorder } = await startWorld();
  await until(() => {
    peer.say({ person: ALICE, group: GROUP, text: "lol" });
    return recorder.messages.at(-1)?.groupName === GROUP.name;
  });
});

test("a private message is answered to its sender, and has no group", async () => {
  const { peer, sent, recorder } = await startWorld();
  peer.say({ person: BOB, text: "讲个笑话" });
  await until(() => sent.length === 1);
  expect(sent[0]).toMatchObject({ userId: BOB.id, groupId: undefined, quotes: undefined });
  await until(() => recorder.messages.length === 1);
  expect(recorder.messages[0]).toMatchObject({ userId: BOB.id, userName: BOB.name, groupId: undefined, responses: 1 });
});

test('contract §1: "message: one inbound chat message that the bot saw, answered or not"', async () => {
  const { peer, sent, recorder, provider } = await startWorld();
  peer.say({ person: ALICE, group: GROUP, text: "good morning everyone" });
  peer.say({ person: BOB, group: GROUP, text: "lol" });
  await until(() => recorder.messages.length === 2);
  expect(recorder.messages.map(({ responses }) => responses)).toEqual([0, 0]);
  expect([sent.length, provider.calls]).toEqual([0, 0]);
});

test("bot.connected is the truth of the socket: announced at each change, and again after a reconnect", async () => {
  const { peer, recorder, bot } = await startWorld();
  expect(recorder.bots).toEqual([{ botId: BOT_ID, platform: "onebot", connected: true }]);
  peer.drop();
  await until(() => recorder.bots.length === 3);
  expect(recorder.bots.map(({ connected }) => connected)).toEqual([true, false, true]);
  expect(bot.connected).toBe(true);
});

test("an account that is not online is not connected, though its socket is open", async () => {
  const { peer, recorder, bot } = await startWorld();
  peer.setOnline(false);
  await until(() => recorder.bots.length === 2);
  expect([recorder.bots[1]?.connected, bot.connected, peer.connections]).toEqual([false, false, 1]);
  peer.setOnline(true);
  await until(() => bot.connected);
});

test("a platform that is away at first is reached when it comes", async () => {
  const port = await freePort();
  const recorder = createRecorder();
  const settings = { onebot: { url: `ws://127.0.0.1:${port}` }, channels: [] };
  const bot = ending(startBot({ settings, instrument: recorder.instrument, pace: QUICK }));
  await until(() => recorder.logs.some(({ message }) => message.includes("ECONNREFUSED")));
  expect([bot.connected, recorder.bots.length]).toEqual([false, 0]);
  ending(await startTestPeer({}, port));
  await until(() => bot.connected);
});

test("with the access token the platform lets the bot in, without it does not", async () => {
  const peer = ending(await startTestPeer({ accessToken: "secret" }));
  const recorder = createRecorder();
  const start = (accessToken: string) =>
    ending(
      startBot({
        settings: { onebot: { url: peer.url, accessToken }, channels: [] },
        instrument: recorder.instrument,
        pace: QUICK,
      }),
    );
  const wrong = start("guess");
  await until(() => recorder.logs.some(({ message }) => message.includes("401")));
  expect([wrong.connected, recorder.bots.length]).toEqual([false, 0]);
  const right = start("secret");
  await until(() => right.connected);
});

test("an action without an answer times out: nothing was sent, so it is no response", async () => {
  const { peer, recorder } = await startWorld({
    peer: { ignores: (action) => action === "send_private_msg" },
    pace: { actionTimeout: 50 },
  });
  peer.say({ person: ALICE, text: "Tell me a joke" });
  await until(() => recorder.messages.length === 1);
  expect(recorder.messages[0]?.responses).toBe(0);
  const line = recorder.logs.find(({ level }) => level === "error");
  expect(line?.message).toBe("send_private_msg: no answer in 50 ms");
});

test("a platform that falls silent is left, and reached again", async () => {
  const { recorder } = await startWorld({ peer: { heartbeat: 600_000, ignores: () => true }, pace: { silence: 40 } });
  await until(() => recorder.bots.length >= 3);
  expect(recorder.bots.slice(0, 3).map(({ connected }) => connected)).toEqual([true, false, true]);
});

test("a bot that stops says that it is away, and hears nothing more", async () => {
  const { peer, bot, recorder } = await startWorld();
  await bot.stop();
  expect([bot.connected, recorder.bots.at(-1)?.connected]).toEqual([false, false]);
  await until(() => peer.connections === 0);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
