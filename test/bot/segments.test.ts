import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFrame } from "../../src/bot/events.ts";
import { cutText, readMessage } from "../../src/bot/segments.ts";

const SELF = "10001";

test("a message is read from segments and from its string form alike", () => {
  const segments = [
    { type: "reply", data: { id: "77" } },
    { type: "at", data: { qq: "10001" } },
    { type: "text", data: { text: " [1] & 2, 3 " } },
    { type: "image", data: { file: "a.png" } },
    { type: "text", data: { text: "?" } },
  ];
  const text = "[CQ:reply,id=77][CQ:at,qq=10001] &#91;1&#93; &amp; 2, 3 [CQ:image,file=a.png]?";
  expect(readMessage(segments, SELF)).toEqual({ text: "[1] & 2, 3 ?", mentioned: true });
  expect(readMessage(text, SELF)).toEqual(readMessage(segments, SELF));
});

test("somebody else, or everybody, is not the bot", () => {
  expect(readMessage("[CQ:at,qq=10002] hi", SELF).mentioned).toBe(false);
  expect(readMessage([{ type: "at", data: { qq: "all" } }], SELF).mentioned).toBe(false);
  expect(readMessage([{ type: "at", data: { qq: 10001 } }], SELF).mentioned).toBe(true);
});

test("whatever comes over the socket, reading it never throws", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      readFrame(text);
      readFrame(`{"post_type":"message","self_id":1,"user_id":2,"message":${text},"sender":${text}}`);
    }),
  );
  expect(readFrame("no JSON")).toBeUndefined();
});

test("a message of the bot itself, a notice and a request are nothing to answer", () => {
  const frame = (rest: object) => readFrame(JSON.stringify({ self_id: 10001, message: "hi", ...rest }));
  expect(frame({ post_type: "message", message_type: "private", user_id: 10001 })).toBeUndefined();
  expect(frame({ post_type: "message_sent", message_type: "private", user_id: 5 })).toBeUndefined();
  expect(frame({ post_type: "notice", notice_type: "group_increase", user_id: 5 })).toBeUndefined();
  expect(frame({ post_type: "request", request_type: "friend", user_id: 5 })).toBeUndefined();
  expect(frame({ post_type: "message", message_type: "group", user_id: 5 })).toBeUndefined();
});

test("a group's own name for a member goes before the nickname, and an empty one does not", () => {
  const named = (sender: object) => {
    const frame = { post_type: "message", message_type: "private", self_id: 1, user_id: 2, message: "hi", sender };
    const inbound = readFrame(JSON.stringify(frame));
    return inbound?.kind === "message" ? inbound.message.userName : undefined;
  };
  expect(named({ nickname: "Alice", card: "Queen" })).toBe("Queen");
  expect(named({ nickname: "Alice", card: "" })).toBe("Alice");
  expect(named({})).toBeUndefined();
});

test("a wrong token, as NapCat tells it, is understood", () => {
  const frame = { status: "failed", retcode: 1403, data: null, message: "token验证失败", echo: null };
  expect(readFrame(JSON.stringify(frame))).toEqual({ kind: "refused", why: "token验证失败" });
});

test("a long text is cut into parts that fit, and loses no letter", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.integer({ min: 4, max: 50 }), (text, limit) => {
      const parts = cutText(text, limit);
      expect(parts.every((part) => part.length <= limit && part.isWellFormed())).toBe(true);
      expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }),
  );
  expect(cutText("one two three", 9)).toEqual(["one two", "three"]);
});
