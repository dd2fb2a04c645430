import type { Calendar } from "../lib/calendar.ts";
import type { Usage } from "../index.ts";
import { whoTalks } from "./crowd.ts";
import { isOut, STATUS_TEXT } from "./faults.ts";
import type { Group, Person, Society } from "./people.ts";
import type { Random } from "./random.ts";
import { isWeekend, livelinessAt } from "./rhythm.ts";
import {
  DEMO_CHANNELS,
  LATENCY_MAX,
  LATENCY_SIGMA,
  type SimulatedChannel,
  type SimulatedModel,
} from "./simulated-channels.ts";
import { askSomething, pretendResult, understand, type WantedCall } from "./topics.ts";
import { cachedOf } from "./usage.ts";

/** A turn of the past, with all that it caused; times are epoch ms. */
export interface PastTurn {
  person: Person;
  group?: Group;
  start: number;
  end: number;
  /** Empty where nobody asked the bot. */
  steps: PastStep[];
  /** True where a model answered. */
  answered: boolean;
}

type PastStep = PastRequest | PastCall;

export interface PastRequest {
  kind: "request";
  channel: string;
  provider: string;
  model: string;
  start: number;
  end: number;
  firstChunk?: number;
  usage?: Usage;
  /** An HTTP status; absent: it succeeded. */
  status?: number;
}

export interface PastCall extends WantedCall {
  kind: "tool";
  start: number;
  end: number;
  /** Undefined where it failed. */
  result: unknown;
}

/** Messages of a working day, about; a weekend has a third more. */
const MESSAGES = 560;
const PRIVATE = 0.08;
const TO_BOT = 0.28;
const FAILS = 0.025;
/** The past knew outages too, but rarer ones than those that are shown live. */
const OUTAGE_EVERY = 9 * 3_600_000;

/**
 * Makes up one day.
 *
 * @param random of this day alone, so that a day is the same whichever others are made
 * @param until epoch ms; nothing ends later
 * @returns turns in the order of their starts
 */
export function pastDay(day: number, society: Society, calendar: Calendar, random: Random, until: number): PastTurn[] {
  const [from, to] = [calendar.startOf(day), calendar.startOf(day + 1)];
  const count = Math.round(MESSAGES * (isWeekend(day) ? 1.3 : 1) * random.spread(1, 0.05));
  return Array.from({ length: count }, () => lively(from, to, calendar, random))
    .sort((a, b) => a - b)
    .map((start) => pastTurn(start, society, random))
    .filter(({ end }) => end < until);
}

/** A time of the day, the likelier the livelier it is. */
function lively(from: number, to: number, calendar: Calendar, random: Random): number {
  for (;;) {
    const at = random.whole(from, to - 1);
    if (random.chance(livelinessAt(at, calendar))) return at;
  }
}

function pastTurn(start: number, { people, groups }: Society, random: Random): PastTurn {
  const group = random.chance(PRIVATE) ? undefined : whoTalks(groups, random);
  const person = whoTalks(group?.members ?? people, random);
  if (group !== undefined && !random.chance(TO_BOT)) {
    return { person, group, start, end: start + 1, steps: [], answered: false };
  }
  const steps: PastStep[] = [];
  const calls = understand(askSomething(random, person.language));
  let at = start + random.whole(1, 4);
  let answered = false;
  for (const called of calls.length > 0 ? [false, true] : [true]) {
    const attempts = askModels(at, group?.model, random, called ? random.spread(70, 0.7) : 24);
    steps.push(...attempts);
    const last = attempts.at(-1);
    at = last?.end ?? at;
    answered = last?.status === undefined;
    if (!answered || called) break;
    for (const call of calls) steps.push(execute(call, at, random));
    at = Math.max(at, ...steps.map(({ end }) => end));
  }
  return { person, group, start, end: at + random.whole(2, 12), steps, answered };
}

/** Each channel in turn until one answers. @param words tokens of the answer */
function askModels(start: number, preferred: string | undefined, random: Random, words: number): PastRequest[] {
  const has = ({ models }: SimulatedChannel) => models.some(({ name }) => name === preferred);
  const attempts: PastRequest[] = [];
  let at = start;
  for (const channel of DEMO_CHANNELS.toSorted((a, b) => Number(has(b)) - Number(has(a)))) {
    const model = channel.models.find(({ name }) => name === preferred) ?? channel.models[0];
    const attempt = askModel(at, channel, model, random, words);
    attempts.push(attempt);
    if (attempt.status === undefined) break;
    at = attempt.end;
  }
  return attempts;
}

function askModel(
  start: number,
  channel: SimulatedChannel,
  model: SimulatedModel,
  random: Random,
  words: number,
): PastRequest {
  const who = { kind: "request" as const, channel: channel.id, provider: channel.provider, model: model.name, start };
  const wait = (median: number) => Math.ceil(Math.min(random.spread(median, LATENCY_SIGMA), LATENCY_MAX));
  const { outage } = channel;
  if (outage !== undefined && isOut({ ...channel, outage: { ...outage, every: OUTAGE_EVERY } }, start)) {
    return { ...who, end: start + wait(model.firstChunk / 4), status: 503 };
  }
  if (random.chance(FAILS)) {
    return { ...who, end: start + wait(model.firstChunk / 4), status: random.chance(0.7) ? 429 : 500 };
  }
  const firstChunk = start + wait(model.firstChunk);
  const reasoningTokens = model.reasons === true ? random.whole(60, 600) : undefined;
  const [inputTokens, said] = [random.whole(340, 900), Math.ceil(words)];
  const usage = {
    inputTokens,
    outputTokens: said + (reasoningTokens ?? 0),
    cachedTokens: cachedOf(Math.floor(inputTokens * random.next())),
    reasoningTokens,
  };
  return { ...who, firstChunk, end: firstChunk + Math.ceil(said * model.nextChunk), usage };
}

function execute(call: WantedCall, start: number, random: Random): PastCall {
  const end = start + Math.ceil(random.spread(3, 1));
  return { ...call, kind: "tool", start, end, result: pretendResult(call, random) };
}

export function failureText(status: number): string {
  return STATUS_TEXT[status] ?? `The provider answered ${status}`;
}
