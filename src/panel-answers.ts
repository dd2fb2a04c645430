import { together } from "./answers.ts";
import type { Answers } from "./api/deps.ts";
import type { PanelAnswers } from "./api/panel/answers.ts";
import { BotelError } from "./contract/errors.ts";
import { EVERYTHING, type Fold } from "./contract/fold.ts";
import type { PanelMonitor, PanelStats, PanelTools, PanelUsage } from "./contract/wire/panel.ts";
import { type Calendar, dateOf } from "./lib/calendar.ts";
import { type Calls, callsBy, durationOf, meanOf, percentOf } from "./panel-calls.ts";
import { panelRequests, panelToolCalls } from "./panel-lines.ts";
import { activeGroupsFold } from "./rollups/active.ts";
import { dailyFold, readDaily } from "./rollups/daily.ts";
import { groupsFold, readGroups } from "./rollups/groups.ts";
import { hoursFold, readHours } from "./rollups/hours.ts";
import { metricsFold } from "./rollups/metrics.ts";
import { meanMs } from "./rollups/sum.ts";
import { readTools, toolsFold, type ToolsState } from "./rollups/tools.ts";
import { readUserTokens, userTokensFold } from "./rollups/user-tokens.ts";
import { readUsers, usersFold } from "./rollups/users.ts";
import type { Windows } from "./rollups/window.ts";
import type { FactReader, RemoteReader } from "./store/reader.ts";
import { readMachine } from "./system/machine.ts";
import type { SystemView } from "./system/system.ts";

export interface PanelSources {
  answers: Pick<Answers, "channels">;
  windows: Windows;
  lines: Pick<RemoteReader, "toolLogs">;
  /** Absent where single requests are on other machines. */
  requests?: Pick<FactReader, "requests" | "requestTotals">;
  calendar: Calendar;
  system: Pick<SystemView, "inside">;
  /** Days that single facts are kept. */
  keptDays: number;
  /** Epoch ms. */
  now: () => number;
}

const TOP = 10;
const TOP_TOOLS = 20;
const RECENT = 50;
const RECENT_ERRORS = 20;
/** As many as a question for records is answered at the most. */
const MAX_RECORDS = 1000;
const HOURS_DAYS = 30;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MEBI = 1_048_576;

/** Fold states and stored lines as the web panel of the original plug-in reads them (docs/panel.md). */
export function createPanelAnswers(sources: PanelSources): PanelAnswers {
  const { answers, windows, lines, calendar, system, keptDays, now } = sources;

  /** Asks for states of all days, of today, or of the last days; anew at each try, as the day may change. */
  function asking() {
    const to = calendar.dayOf(now());
    const of =
      (from?: number) =>
      <State>(fold: Fold<State>) =>
        windows.state(fold, EVERYTHING, { from, to });
    return { to, all: of(), today: of(to), last: (days: number) => of(to - days + 1) };
  }

  function single(): Pick<FactReader, "requests" | "requestTotals"> {
    if (sources.requests) return sources.requests;
    throw new BotelError("UNAVAILABLE", "Single requests are not listed for the panel where the store is a cluster.");
  }

  function channelNames(): (id: string) => string {
    const names = new Map(system.inside().channels.map(({ id, name }) => [id, name]));
    return (id) => names.get(id) ?? id;
  }

  const requests: PanelAnswers["requests"] = (query) => panelRequests(single(), query, channelNames());

  return {
    stats: () =>
      together(
        () => {
          const { to, all, last } = asking();
          const counted = [all(dailyFold), all(activeGroupsFold), all(groupsFold), all(usersFold)] as const;
          const called = [all(metricsFold), all(userTokensFold), all(toolsFold), last(HOURS_DAYS)(hoursFold)] as const;
          return [to, ...counted, ...called] as const;
        },
        ([to, daily, active, groups, users, metrics, tokens, tools, hours]): PanelStats => ({
          messages: {
            total: readDaily(daily, undefined, to).totals.messages,
            conversations: active.size,
            dbMessages: 0,
            types: {},
            topGroups: readGroups(groups, new Map(), "messages", TOP).map(({ groupId, messages }) => ({
              id: groupId,
              count: messages,
            })),
            topUsers: readUsers(users, "messages", TOP).map(({ userId, messages }) => ({
              id: userId,
              count: messages,
            })),
            hourlyDistribution: readHours(hours, "messages", calendar.hourOf),
          },
          models: modelsOf(callsBy(metrics, "model"), callsBy(metrics, "channel")),
          tokens: {
            ...tokensOf(callsBy(metrics, "model")),
            topUsers: readUserTokens(tokens, TOP).map((user) => ({ ...user, total: user.input + user.output })),
          },
          tools: {
            totalCalls: sum(tools.calls),
            byTool: toolRows(tools)
              .slice(0, TOP_TOOLS)
              .map(({ name, calls, success, failed }) => ({ name, calls, success, failed })),
          },
          uptime: uptimeOf(system.inside().startMs, now()),
          lastUpdate: now(),
        }),
      ),
    usage: () =>
      together(
        () => {
          const { to, all, today } = asking();
          return [to, all(metricsFold), today(metricsFold)] as const;
        },
        ([to, metrics, today]): PanelUsage => ({
          today: { date: dateOf(to), ...dayOf(callsBy(today, "all")[0]) },
          modelRanking: callsBy(metrics, "model")
            .slice(0, TOP)
            .map((each) => ({ model: each.name, ...usedOf(each) })),
          channelRanking: callsBy(metrics, "channel")
            .slice(0, TOP)
            .map((each) => ({
              channelId: each.name,
              channelName: channelNames()(each.name),
              successCalls: each.calls - each.failed,
              ...usedOf(each),
            })),
          recent: requests({ limit: RECENT }),
        }),
      ),
    requests,
    async tools() {
      const failures = await panelToolCalls(lines, { limit: RECENT_ERRORS, failed: true });
      return together(
        () => {
          const { all, last } = asking();
          return [all(toolsFold), last(keptDays)(toolsFold), last(HOURS_DAYS)(hoursFold)] as const;
        },
        ([tools, kept, hours]): PanelTools => {
          const [total, failed] = [sum(tools.calls), sum(tools.failed)];
          return {
            total,
            success: total - failed,
            failed,
            successRate: percentOf(total - failed, total),
            toolRanking: toolRows(tools),
            hourlyDistribution: readHours(hours, "toolCalls", calendar.hourOf),
            recentErrors: failures.map(({ id, timestamp, toolName, error }) => {
              return { id, timestamp, toolName, error: error ?? "" };
            }),
            recordCount: Math.min(sum(kept.calls), MAX_RECORDS),
            maxRecords: MAX_RECORDS,
          };
        },
      );
    },
    toolCalls: (query) => panelToolCalls(lines, query),
    monitor() {
      const of = (minutes: number) => single().requestTotals(now() - minutes * MINUTE_MS, now());
      return monitorOf(of(1), of(5), system.inside().startMs, now());
    },
    async channels() {
      const { channels } = await answers.channels({ period: "all", groupId: undefined });
      const models = new Map(system.inside().channels.map((channel) => [channel.id, channel.models]));
      return channels.map(({ id, name, status }) => ({
        id,
        name,
        status,
        enabled: status !== "disabled",
        models: [...(models.get(id) ?? [])],
      }));
    },
  };
}

function modelsOf(models: readonly Calls[], channels: readonly Calls[]): PanelStats["models"] {
  return {
    totalCalls: sum(models.map(({ calls }) => calls)),
    byModel: models.map(({ name, calls, failed, input, output }) => ({
      name,
      calls,
      success: calls - failed,
      failed,
      inputTokens: input,
      outputTokens: output,
    })),
    byChannel: Object.fromEntries(
      channels.map(({ name, calls, input, output }) => [name, { calls, inputTokens: input, outputTokens: output }]),
    ),
  };
}

function tokensOf(models: readonly Calls[]): Omit<PanelStats["tokens"], "topUsers"> {
  const total = { input: sum(models.map(({ input }) => input)), output: sum(models.map(({ output }) => output)) };
  const byModel = models.map(({ name, input, output }) => ({ name, input, output, total: input + output }));
  return {
    total,
    totalSum: total.input + total.output,
    byModel: byModel.toSorted((a, b) => b.total - a.total).slice(0, TOP),
  };
}

function dayOf(all: Calls | undefined): Omit<PanelUsage["today"], "date"> {
  const { calls, failed, input, output } = all ?? { calls: 0, failed: 0, input: 0, output: 0 };
  return {
    totalCalls: calls,
    successCalls: calls - failed,
    failedCalls: failed,
    totalInputTokens: input,
    totalOutputTokens: output,
    avgDuration: all ? meanOf(all) : 0,
    successRate: percentOf(calls - failed, calls),
  };
}

function usedOf(each: Calls): { calls: number; tokens: number; duration: number } {
  return { calls: each.calls, tokens: each.input + each.output, duration: durationOf(each) };
}

function toolRows(state: ToolsState): PanelTools["toolRanking"] {
  return readTools(state).map(({ name, calls, avgDuration }) => {
    const row = state.rows.get(name) as number;
    const failed = state.failed[row] as number;
    const totalDuration = durationOf({
      sumMs: state.durationMs[row] as number,
      sumNs: state.durationNs[row] as number,
    });
    const success = calls - failed;
    return { name, calls, success, failed, totalDuration, avgDuration, successRate: percentOf(success, calls) };
  });
}

type Totals = ReturnType<FactReader["requestTotals"]>;

function monitorOf(minute: Totals, five: Totals, startMs: number, nowMs: number): PanelMonitor {
  const { memory, cpuCount, loadAverage, platform, nodeVersion } = readMachine();
  const { heapUsed, heapTotal, rss, external, systemTotal, systemFree } = memory;
  const mb = (bytes: number): number => Math.round(bytes / MEBI);
  const succeeded = five.requests - five.failed;
  return {
    memory: {
      heapUsed: mb(heapUsed),
      heapTotal: mb(heapTotal),
      rss: mb(rss),
      external: mb(external),
      systemTotal: mb(systemTotal),
      systemFree: mb(systemFree),
      heapUsedPercent: Math.min(100, Math.round((heapUsed / heapTotal) * 100)),
      systemUsedPercent: Math.round((1 - systemFree / systemTotal) * 100),
    },
    api: {
      rpm: minute.requests,
      rpm5: five.requests / 5,
      successRate: percentOf(succeeded, five.requests),
      avgLatency: meanMs(five.latencyMs, five.latencyNs, succeeded),
      tokensLastMinute: minute.tokens,
      tokensPerMinute: Math.round(five.tokens / 5),
    },
    system: {
      uptime: Math.floor((nowMs - startMs) / 1000),
      nodeVersion,
      platform,
      cpuCount,
      loadAvg: loadAverage.map((load) => Math.round(load * 100) / 100),
    },
    timestamp: nowMs,
  };
}

function uptimeOf(startMs: number, nowMs: number): PanelStats["uptime"] {
  const hours = Math.floor(Math.max(0, nowMs - startMs) / HOUR_MS);
  return { days: Math.floor(hours / 24), hours: hours % 24, startTime: startMs };
}

function sum(list: readonly number[]): number {
  return list.reduce((all, one) => all + one, 0);
}
