import { readMessage, type Said } from "./segments.ts";

/** One inbound message, as the turn sees it. Ids are strings and never empty. */
export interface ChatMessage extends Said {
  botId: string;
  userId: string;
  userName?: string;
  /** Absent: a private chat. */
  groupId?: string;
  groupName?: string;
  /** To quote it in a reply. */
  messageId?: string;
}

/** What came over the socket, of the much that a OneBot v11 implementation sends. */
export type Inbound =
  | { kind: "message"; message: ChatMessage }
  | { kind: "answer"; echo: string; ok: boolean; data: unknown; why: string }
  | { kind: "heartbeat"; botId: string; online: boolean }
  | { kind: "lifecycle"; botId: string }
  | { kind: "refused"; why: string };

/** NapCat's answer to a wrong access token, before it closes. */
const BAD_TOKEN = 1403;

type Frame = Record<string, unknown>;

/** @returns undefined for what a chat bot has no use for: notices, requests, its own messages, no JSON */
export function readFrame(text: string): Inbound | undefined {
  const frame = parseObject(text);
  if (frame === undefined) return undefined;
  if (frame["post_type"] === undefined) return readAnswer(frame);
  const botId = idOf(frame["self_id"]);
  if (botId === undefined) return undefined;
  if (frame["post_type"] === "message") return readChat(frame, botId);
  if (frame["meta_event_type"] === "lifecycle") return { kind: "lifecycle", botId };
  if (frame["meta_event_type"] === "heartbeat") return readHeartbeat(frame, botId);
  return undefined;
}

function readAnswer(frame: Frame): Inbound | undefined {
  const echo = idOf(frame["echo"]);
  const why = [frame["message"], frame["wording"], frame["retcode"]].find((part) => part !== undefined && part !== "");
  if (echo === undefined) {
    return frame["retcode"] === BAD_TOKEN ? { kind: "refused", why: String(why) } : undefined;
  }
  return { kind: "answer", echo, ok: frame["status"] !== "failed", data: frame["data"], why: String(why) };
}

function readHeartbeat(frame: Frame, botId: string): Inbound {
  return { kind: "heartbeat", botId, online: asObject(frame["status"])?.["online"] !== false };
}

function readChat(frame: Frame, botId: string): Inbound | undefined {
  const userId = idOf(frame["user_id"]);
  if (userId === undefined || userId === botId) return undefined;
  const sender = asObject(frame["sender"]);
  const inGroup = frame["message_type"] === "group";
  const groupId = inGroup ? idOf(frame["group_id"]) : undefined;
  if (inGroup && groupId === undefined) return undefined;
  const message: ChatMessage = {
    botId,
    userId,
    userName: nameOf(sender?.["card"]) ?? nameOf(sender?.["nickname"]),
    groupId,
    groupName: nameOf(frame["group_name"]),
    messageId: idOf(frame["message_id"]),
    ...readMessage(frame["message"], botId),
  };
  return { kind: "message", message };
}

/** @returns the id as a string; undefined for what is none */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function nameOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

export function asObject(value: unknown): Frame | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Frame) : undefined;
}

function parseObject(text: string): Frame | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
