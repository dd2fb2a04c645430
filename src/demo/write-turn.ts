import type { Instrument } from "../index.ts";
import { failureText, type PastCall, type PastRequest, type PastTurn } from "./past.ts";
import { BOT_ID } from "./people.ts";

/** `bot.platform`, as the bot itself has it. */
const PLATFORM = "onebot";

/** Writes a turn of the past as the bot would have written it then. @returns the number of its facts */
export async function writeTurn(turn: PastTurn, instrument: Instrument): Promise<number> {
  const { person, group, start, end, steps } = turn;
  const about = { platform: PLATFORM, botId: BOT_ID, userId: person.id, userName: person.name };
  const place = group === undefined ? {} : { groupId: group.id, groupName: group.name };
  let facts = 1 + steps.length;
  await instrument.message({ ...about, ...place, startTime: start, endTime: end }, async (record) => {
    let failed: string | undefined;
    for (const step of steps) {
      if (step.kind === "tool") await writeCall(step, instrument);
      else {
        await writeRequest(step, failed === step.channel ? undefined : failed, instrument);
        failed = step.status === undefined ? undefined : step.channel;
      }
    }
    if (turn.answered) record.responded();
    facts += writeLog(turn, instrument);
  });
  return facts;
}

/** @param previousChannel the one that failed just before */
function writeRequest(step: PastRequest, previousChannel: string | undefined, instrument: Instrument): Promise<void> {
  const { provider, model, channel, start: startTime, end: endTime, status } = step;
  return instrument.request({ provider, model, channel, previousChannel, startTime, endTime }, (record) => {
    if (step.firstChunk !== undefined) record.firstChunk(step.firstChunk);
    if (step.usage !== undefined) record.usage(step.usage);
    if (status !== undefined) record.fail(pastError(failureText(status), String(status)));
  });
}

async function writeCall({ name, args, start, end, result }: PastCall, instrument: Instrument): Promise<void> {
  await instrument.tool({ name, args, startTime: start, endTime: end }, (record) => {
    if (result === undefined) record.fail(pastError(`${name} knows no answer to that`));
    return result;
  });
}

/** @returns the number of log lines */
function writeLog({ steps, answered, end, start }: PastTurn, instrument: Instrument): number {
  const requests = steps.filter((step) => step.kind === "request");
  const last = requests.at(-1);
  if (last === undefined) return 0;
  const about = { "gen_ai.request.model": last.model, "bot.channel.id": last.channel };
  if (!answered) {
    instrument.log("error", "No channel could answer", about, end);
    return 1;
  }
  const failed = requests.findLast(({ status }) => status !== undefined);
  if (failed !== undefined && failed.channel !== last.channel) {
    const line = `Channel ${failed.channel} failed, ${last.channel} answered instead`;
    instrument.log("warn", line, { ...about, "error.type": String(failed.status) }, last.end);
  }
  instrument.log("info", "Chat request processed", { ...about, durationMs: end - start }, end);
  return failed === undefined ? 1 : 2;
}

/** A failure as the bot's own, but with no stack, since it never happened here. @param code `error.type` */
function pastError(message: string, code?: string): Error {
  return Object.assign(new Error(message), { code, stack: undefined });
}
