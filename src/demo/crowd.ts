import type { Calendar } from "../lib/calendar.ts";
import type { Clock } from "../lib/clock.ts";
import type { Peer, Utterance } from "./onebot-peer.ts";
import type { Group, Person, Society } from "./people.ts";
import type { Random } from "./random.ts";
import { livelinessAt } from "./rhythm.ts";
import { askSomething, chatter } from "./topics.ts";

/** Messages a second, over all chats, when people are liveliest; at the quietest hour, so that something moves still. */
const BUSY = 1;
const QUIET = 0.4;
/** Parts of all messages. */
const PRIVATE = 0.08;
const TO_BOT = 0.3;

/** @returns what people say next: endless, and for the same source of chance the same */
export function* talk({ people, groups }: Society, random: Random): Generator<Utterance, never> {
  for (const group of groups.filter(({ model }) => model !== undefined)) {
    yield { person: group.members[0] as Person, group, text: `/model ${group.model}`, mentions: true };
  }
  for (;;) {
    if (random.chance(PRIVATE)) {
      const person = whoTalks(people, random);
      yield { person, text: askSomething(random, person.language) };
    } else {
      const group = whoTalks(groups, random);
      yield sayInGroup(group, whoTalks(group.members, random), random);
    }
  }
}

function sayInGroup(group: Group, person: Person, random: Random): Utterance {
  if (!random.chance(TO_BOT)) return { person, group, text: chatter(random, person.language) };
  const text = askSomething(random, person.language);
  return random.chance(0.7) ? { person, group, text, mentions: true } : { person, group, text: `!${text}` };
}

/** @returns one of them, those who talk more the more often */
export function whoTalks<T extends { talks: number }>(all: readonly T[], random: Random): T {
  return random.weighted(
    all,
    all.map(({ talks }) => talks),
  );
}

export interface CrowdOptions {
  peer: Pick<Peer, "say" | "connections">;
  society: Society;
  random: Random;
  clock: Pick<Clock, "now">;
  calendar: Calendar;
  /** How many times as fast as in life they talk. */
  haste: number;
}

/** People talk, each in their hours, until `stop`; nobody talks while there is no bot to hear it. */
export function startCrowd({ peer, society, random, clock, calendar, haste }: CrowdOptions): { stop(): void } {
  const utterances = talk(society, random.fork("talk"));
  const gaps = random.fork("gaps");
  let timer: NodeJS.Timeout;

  function wait(): void {
    const rate = QUIET + (BUSY - QUIET) * livelinessAt(clock.now(), calendar);
    timer = setTimeout(speak, gaps.gap(1000 / rate / haste));
  }

  function speak(): void {
    if (peer.connections > 0) peer.say(utterances.next().value);
    wait();
  }

  wait();
  return { stop: () => clearTimeout(timer) };
}
