import type { Answers } from "./api/deps.ts";
import { BotelError } from "./contract/errors.ts";
import { EVERYTHING, type Fold } from "./contract/fold.ts";
import type { Period, StatsQuery } from "./contract/wire/query.ts";
import type { GroupRow, StatsData, UserRow } from "./contract/wire/stats.ts";
import { type Calendar, dateOf } from "./lib/calendar.ts";
import { writeSeconds } from "./contract/wire/time.ts";
import { logAnswers } from "./log-answers.ts";
import { traceAnswers } from "./trace-answers.ts";
import { activeGroupsFold, activeUsersFold } from "./rollups/active.ts";
import { channelsFold, isFailing, newestFold, type NewestState, readChannels } from "./rollups/channels.ts";
import { dailyFold, type DailyState, readDaily } from "./rollups/daily.ts";
import { groupsFold, type GroupUse, groupUsersFold, readGroups } from "./rollups/groups.ts";
import { modelsFold, readModels } from "./rollups/models.ts";
import { readTools, toolsFold } from "./rollups/tools.ts";
import { readUsers, usersFold, type UserUse } from "./rollups/users.ts";
import type { Windows } from "./rollups/window.ts";
import type { RemoteReader } from "./store/reader.ts";
import type { Failing } from "./system/channels.ts";
import type { SystemView } from "./system/system.ts";

export interface AnswerSources {
  windows: Windows;
  reader: RemoteReader;
  calendar: Calendar;
  system: Pick<SystemView, "channels">;
  /** Epoch ms. */
  now: () => number;
}

/** Days of a period that ends today; `from` is absent for `all` (contract §4). */
interface PeriodDays {
  from?: number;
  to: number;
}

/** Fold states and stored lines as wire data (contract §4): where the API meets `rollups/` and `store/`. */
export function createAnswers({ windows, reader, calendar, system, now }: AnswerSources): Answers {
  function daysOf(period: Period): PeriodDays {
    const today = calendar.dayOf(now());
    const length = { day: 1, week: 7, month: 30, all: Infinity }[period];
    return length === Infinity ? { to: today } : { from: today - length + 1, to: today };
  }

  /** Asks for states of one query; to be called anew for each try, since the day may change in between. */
  function asking({ period, groupId = EVERYTHING }: StatsQuery) {
    const days = daysOf(period);
    return { days, of: <State>(fold: Fold<State>) => windows.state(fold, groupId, days) };
  }

  return {
    stats: (query) =>
      together(
        () => {
          const { days, of } = asking(query);
          return [of(dailyFold), of(activeUsersFold), of(activeGroupsFold), days] as const;
        },
        ([daily, users, groups, days]) => statsData(daily, days, { users: users.size, groups: groups.size }),
      ),
    models: (query) =>
      together(
        () => [asking(query).of(modelsFold)] as const,
        ([models]) => ({ models: readModels(models) }),
      ),
    tools: (query) =>
      together(
        () => [asking(query).of(toolsFold)] as const,
        ([tools]) => ({ tools: readTools(tools) }),
      ),
    users: (query) =>
      together(
        () => [asking(query).of(usersFold)] as const,
        async ([users]) => ({ users: await userRows(readUsers(users, query.sort, query.limit), reader) }),
      ),
    groups: (query) =>
      together(
        () => {
          const { of } = asking(query);
          return [of(groupsFold), of(groupUsersFold)] as const;
        },
        async ([groups, users]) => ({
          groups: await groupRows(readGroups(groups, users, query.sort, query.limit), reader),
        }),
      ),
    channels: (query) =>
      together(
        // The status of a channel is of all time: it is asked for so that it is there when `system` looks.
        () => [asking(query).of(channelsFold), windows.state(newestFold, EVERYTHING, {})] as const,
        ([used]) => ({ channels: system.channels(readChannels(used)) }),
      ),
    ...logAnswers(reader),
    ...traceAnswers(reader),
  };
}

function statsData(daily: DailyState, { from, to }: PeriodDays, active: { users: number; groups: number }): StatsData {
  const { totals, days } = readDaily(daily, from, to);
  return {
    summary: {
      totalMessages: totals.messages,
      aiResponses: totals.responses,
      toolCalls: totals.toolCalls,
      tokensUsed: totals.tokens,
      activeUsers: active.users,
      activeGroups: active.groups,
    },
    daily: days.map(({ day, ...counts }) => ({ date: dateOf(day), ...counts })),
  };
}

async function userRows(users: readonly UserUse[], reader: RemoteReader): Promise<UserRow[]> {
  const names = await reader.userNames(users.map(({ userId }) => userId));
  return users.map(({ userId, messages, tokens, lastActiveMs }) => ({
    userId,
    nickname: names.get(userId) ?? userId,
    messages,
    tokens,
    lastActive: writeSeconds(lastActiveMs),
  }));
}

async function groupRows(groups: readonly GroupUse[], reader: RemoteReader): Promise<GroupRow[]> {
  const names = await reader.groupNames(groups.map(({ groupId }) => groupId));
  return groups.map(({ groupId, lastActiveMs, ...counts }) => ({
    groupId,
    name: names.get(groupId) ?? groupId,
    ...counts,
    lastActive: writeSeconds(lastActiveMs),
  }));
}

/** Of every channel that ever had a request, whether its newest ones all failed (contract §4). */
export function failingChannels(windows: Windows): Failing | Promise<Failing> {
  const newest = windows.state(newestFold, EVERYTHING, {});
  return newest instanceof Promise ? newest.then(failingOf) : failingOf(newest);
}

function failingOf(newest: NewestState): Failing {
  return new Map([...newest.keys()].map((channel) => [channel, isFailing(newest, channel)]));
}

type Settled<States extends readonly unknown[]> = { [Place in keyof States]: Awaited<States[Place]> };

/** Days may have to be folded one after the other; more often than this something is wrong. */
const TRIES = 20;
/** What the store has not folded after this many ms is not waited for. */
const PATIENCE_MS = 10_000;

/**
 * Reads several states of one moment. Where one has to be made first, all are asked for again once it is: what was at
 * hand may be void by then.
 *
 * @throws {BotelError} UNAVAILABLE where the store does not fold what is missing
 */
export async function together<States extends readonly unknown[], Data>(
  ask: () => States,
  read: (states: Settled<States>) => Data | Promise<Data>,
): Promise<Data> {
  for (let n = 0; n < TRIES; n += 1) {
    const states = ask();
    if (!states.some((state) => state instanceof Promise)) return read(states as Settled<States>);
    await patiently(Promise.all(states));
  }
  throw notFolded();
}

function patiently(work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notFolded()), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function notFolded(): BotelError {
  return new BotelError("UNAVAILABLE", "Days of this period are still being counted; ask again in a second.");
}
