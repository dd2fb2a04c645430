import type { IncomingHttpHeaders } from "node:http";
import type { ModelAnswer, ModelRequest } from "../model.ts";
import type { SimulatedModel } from "../simulated-channels.ts";
import type { SimulatedUsage } from "../usage.ts";

/** How a provider's protocol says what a chat is asked and answered. */
export interface Dialect {
  /** @param path below that of the channel @returns undefined where there is nothing */
  route(path: string): ChatRoute | undefined;
  /** @returns the key that the client shows */
  keyOf(headers: IncomingHttpHeaders): string | undefined;
  /** @param body a JSON object @returns undefined where it is no such request */
  read(body: Record<string, unknown>, route: ChatRoute): ModelRequest | undefined;
  /** @returns the answer as the frames of a stream, each as it goes over the wire but for its last empty line */
  frames(answered: Answered): string[];
  /** @returns the answer in one piece */
  whole(answered: Answered): object;
  refusal(status: number, message: string): object;
}

/** What the path itself says, where the protocol has it there. */
export interface ChatRoute {
  model?: string;
  stream?: boolean;
}

export interface Answered {
  /** Of the answer; unique. */
  id: string;
  /** Epoch ms. */
  at: number;
  model: SimulatedModel;
  answer: ModelAnswer;
  usage: SimulatedUsage;
}

/** Words of a text, each with the space behind it. */
export function wordsOf(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** A frame of Server-Sent Events. */
export function frame(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n`;
}
