import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { startBot, type Bot } from "../../src/bot/bot.ts";
import { ALICE, BOB, BOT_ID, ending, GROUP, PLAIN, QUICK, startTestPeer, startWorld, until } from "./world.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

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
  const settings = { ...PLAIN, onebot: { url: `ws://127.0.0.1:${port}` } };
  const bot = ending(await startBot({ settings, instrument: recorder.instrument, pace: QUICK }));
  await until(() => recorder.logs.some(({ message }) => message.includes("ECONNREFUSED")));
  expect([bot.connected, recorder.bots.length]).toEqual([false, 0]);
  ending(await startTestPeer({}, port));
  await until(() => bot.connected);
});

test("with the access token the platform lets the bot in, without it does not", async () => {
  const peer = ending(await startTestPeer({ accessToken: "secret" }));
  const recorder = createRecorder();
  const start = async (accessToken: string) =>
    ending(
      await startBot({
        settings: { ...PLAIN, onebot: { url: peer.url, accessToken } },
        instrument: recorder.instrument,
        pace: QUICK,
      }),
    );
  const wrong = await start("guess");
  await until(() => recorder.logs.some(({ message }) => message.includes("401")));
  expect([wrong.connected, recorder.bots.length]).toEqual([false, 0]);
  const right = await start("secret");
  await until(() => right.connected);
});

test("an action without an answer times out: nothing was sent, so it is no response", async () => {
  const { peer, recorder } = await startWorld({
    peer: { fails: (action) => (action === "send_private_msg" ? "silent" : undefined) },
    pace: { actionTimeout: 50 },
  });
  peer.say({ person: ALICE, text: "Tell me a joke" });
  await until(() => recorder.messages.length === 1);
  expect(recorder.messages[0]?.responses).toBe(0);
  const line = recorder.logs.find(({ level }) => level === "error");
  expect(line?.message).toBe("send_private_msg: no answer in 50 ms");
});

test("an action that the platform refuses is no response either", async () => {
  const { peer, recorder } = await startWorld({
    peer: { fails: (action) => (action === "send_private_msg" ? "refused" : undefined) },
  });
  peer.say({ person: ALICE, text: "Tell me a joke" });
  await until(() => recorder.messages.length === 1);
  expect(recorder.messages[0]?.responses).toBe(0);
  const line = recorder.logs.find(({ level }) => level === "error");
  expect(line?.message).toBe("send_private_msg: The message was not sent");
});

test("a platform that falls silent, and answers no ping, is left and reached again", async () => {
  const { recorder } = await startBeside(await startMute({ autoPong: false }), 40);
  await until(() => recorder.bots.length >= 3);
  expect(recorder.bots.slice(0, 3).map(({ connected }) => connected)).toEqual([true, false, true]);
});

test("a platform that has nothing to say, not even a heartbeat, but answers pings stays connected", async () => {
  const mute = await startMute({ autoPong: true });
  const { recorder, bot } = await startBeside(mute, 20);
  await until(() => mute.pings() >= 5);
  expect([bot.connected, recorder.bots.length]).toEqual([true, 1]);
});

test("a platform that stays away is told once, not at every try", async () => {
  let tries = 0;
  const server = createServer((socket) => {
    tries += 1;
    socket.on("error", () => {}).resume();
    socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  const { recorder } = await startBeside(await listening(server), 1000);
  await until(() => tries >= 4);
  expect(recorder.logs).toHaveLength(1);
  expect(recorder.logs[0]?.message).toContain("Unexpected server response: 404");
});

test("a bot that stops says that it is away, and hears nothing more", async () => {
  const { peer, bot, recorder } = await startWorld();
  await bot.stop();
  expect([bot.connected, recorder.bots.at(-1)?.connected]).toEqual([false, false]);
  await until(() => peer.connections === 0);
});

interface Place {
  url: string;
  stop(): Promise<void>;
}

/** Says once who the account is, and then nothing. */
async function startMute(options: { autoPong: boolean }): Promise<Place & { pings(): number }> {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  let pings = 0;
  sockets.on("connection", (socket) => {
    socket.on("ping", () => (pings += 1));
    socket.send(JSON.stringify({ post_type: "meta_event", meta_event_type: "lifecycle", self_id: 10001 }));
  });
  await once(sockets, "listening");
  async function stop(): Promise<void> {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    await once(sockets, "close");
  }
  return { url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`, pings: () => pings, stop };
}

async function startBeside(place: Place, silence: number): Promise<{ bot: Bot; recorder: Recorder }> {
  ending(place);
  const recorder = createRecorder();
  const settings = { ...PLAIN, onebot: { url: place.url } };
  const bot = ending(await startBot({ settings, instrument: recorder.instrument, pace: { ...QUICK, silence } }));
  return { bot, recorder };
}

async function listening(server: Server): Promise<Place> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  async function stop(): Promise<void> {
    server.close();
    await once(server, "close");
  }
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

async function freePort(): Promise<number> {
  const place = await listening(createServer());
  await place.stop();
  return Number(new URL(place.url).port);
}
