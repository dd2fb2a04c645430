import { setTimeout as sleep } from "node:timers/promises";
import type { Item } from "../../oracle/items.ts";
import { post, requestsOf } from "../../ingest/requests.ts";
import { FACTS_OF_A_TURN, turn } from "./turns.ts";

export interface Load {
  /** All that was acknowledged, in the order of arrival. */
  told: Item[];
  /** Requests that were answered 503 and sent again. */
  again: number;
  /** Answers that no sender should get. */
  wrong: string[];
}

const EVERY_MS = 100;
const PATIENCE = 50;
const AT_ONCE = 16;

/**
 * Sends so many facts a second by OTLP, protobuf and JSON in turns, at fixed times, and again what was refused with 503.
 * Requests overtake each other: a turn is in one request, but for its log line, so that its order says nothing.
 */
export async function load(url: string, perSecond: number, seconds: number, into: Load): Promise<void> {
  const turns = Math.round((perSecond * EVERY_MS) / 1000 / FACTS_OF_A_TURN);
  const rounds = (seconds * 1000) / EVERY_MS;
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const now = Date.now();
    const items = Array.from({ length: turns }, (_, n) => turn(round * turns + n, now)).flat();
    for (const one of requestsOf(items, round % 2 === 0)) {
      const part = items.filter(({ type }) => (type === "span") === (one.path === "/v1/traces"));
      const sent = delivered(url, one, into).then(
        (isDelivered) => void (isDelivered && into.told.push(...part)),
        (error: unknown) => void into.wrong.push(`${one.path}: ${String(error)}`),
      );
      underWay.add(sent);
      void sent.finally(() => underWay.delete(sent));
    }
    if (underWay.size > AT_ONCE) await Promise.race(underWay);
    await sleep(Math.max(0, began + (round + 1) * EVERY_MS - performance.now()));
  }
  await Promise.all(underWay);
}

type Request = ReturnType<typeof requestsOf>[number];

async function delivered(url: string, { path, body, contentType }: Request, into: Load): Promise<boolean> {
  for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
    const answer = await post(url, path, body, { "content-type": contentType });
    const text = await answer.text();
    if (answer.status === 200 && !text.includes("rejected")) return true;
    if (answer.status !== 503) {
      into.wrong.push(`${path}: ${answer.status} ${text.slice(0, 200)}`);
      return false;
    }
    into.again += 1;
    await sleep(Number(answer.headers.get("retry-after") ?? 1) * 1000);
  }
  into.wrong.push(`${path}: refused with 503 for too long`);
  return false;
}
