import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownerOf } from "../../src/contract/fact.ts";
import type { StoredFact } from "../../src/contract/fact.ts";
import type { Fold, Json } from "../../src/contract/fold.ts";
import { createCalendar } from "../../src/lib/calendar.ts";
import { activeGroupsFold, activeUsersFold } from "../../src/rollups/active.ts";
import { channelsFold, isFailing, newestFold, readChannels } from "../../src/rollups/channels.ts";
import { dailyFold, readDaily } from "../../src/rollups/daily.ts";
import { groupUsersFold, groupsFold, readGroups } from "../../src/rollups/groups.ts";
import { modelsFold, readModels } from "../../src/rollups/models.ts";
import { readTools, toolsFold } from "../../src/rollups/tools.ts";
import { readUsers, usersFold } from "../../src/rollups/users.ts";
import { factOf, spans } from "./facts.ts";
import type { Span } from "./facts.ts";
import {
  activityOf,
  callsOf,
  distinct,
  mean,
  messagesOf,
  newest,
  ranked,
  requestsOf,
  responses,
  sum,
  tokens,
} from "./naive.ts";

const calendar = createCalendar("Asia/Kathmandu");
const FIRST = 20_000;

const lists = fc
  .array(spans(FIRST, 4), { maxLength: 60 })
  .map((list) => list.map((span, i) => factOf({ ...span, counted: true }, calendar, i + 1)));

/** Folded day by day, stored, read back and merged: as a window does it. */
function fold<State>(of: Fold<State>, facts: readonly StoredFact[]): State {
  const days = new Map<number, State>();
  for (const fact of facts) {
    if ((ownerOf(fact) & of.needs) !== of.needs) continue;
    const day = calendar.dayOf(fact.timeMs);
    const state = days.get(day) ?? of.zero();
    days.set(day, state);
    of.add(state, fact, day);
  }
  const whole = of.zero();
  for (const state of days.values()) {
    const json = of.encode(state);
    if (json !== undefined) of.merge(whole, of.decode(JSON.parse(JSON.stringify(json)) as Json));
  }
  return whole;
}

function request(span: Partial<Span>, row = 1): StoredFact {
  return factOf({ ...ANY, ...span, kind: "request" }, calendar, row);
}

const ANY: Span = {
  kind: "message",
  day: FIRST,
  at: 0,
  timeNs: 0,
  user: "u1",
  group: "g1",
  name: "gpt-4",
  durationNs: 0,
  failed: false,
  counted: true,
  amount: 10,
};

describe("days", () => {
  // contract §4: "`period`: `day` = today, `week` / `month` = the last 7 / 30 calendar days with today, `all` (the default) = since the first message, request or tool call of the selection."
  // contract §4: "`daily` ascends to today, with a zero row for a quiet day."
  // contract §2: "Late facts count on the day of their own time, not of their arrival."
  test.each([undefined, FIRST - 3, FIRST + 1, FIRST + 3])("since %s, each has what is dated in it", (from) => {
    const today = FIRST + 3;
    fc.assert(
      fc.property(lists, (facts) => {
        const first = from ?? Math.min(...activityOf(facts).map((fact) => calendar.dayOf(fact.timeMs)));
        const { days, totals } = readDaily(fold(dailyFold, facts), from, today);
        expect(days.map(({ day }) => day)).toEqual(
          Array.from({ length: first === Infinity ? 0 : today - first + 1 }, (_, i) => first + i),
        );
        for (const { day, ...counts } of days) {
          const own = facts.filter((fact) => calendar.dayOf(fact.timeMs) === day);
          expect(counts).toEqual({
            messages: messagesOf(own).length,
            responses: responses(own),
            toolCalls: callsOf(own).length,
            tokens: tokens(own),
          });
        }
        expect(totals.messages).toBe(sum(days.map((day) => day.messages)));
        expect(totals.responses).toBe(sum(days.map((day) => day.responses)));
        expect(totals.toolCalls).toBe(sum(days.map((day) => day.toolCalls)));
        expect(totals.tokens).toBe(sum(days.map((day) => day.tokens)));
      }),
    );
  });

  test("a day with only a request is the first one of `all`, a day with only a log record is not", () => {
    const facts = [factOf({ ...ANY, kind: "log" }, calendar, 1), request({ day: FIRST + 1, amount: 0 })];
    expect(readDaily(fold(dailyFold, facts), undefined, FIRST + 2).days.map(({ day }) => day)).toEqual([
      FIRST + 1,
      FIRST + 2,
    ]);
  });

  // contract §4: "An unknown group: zeros, and for `all` no days"
  test("of nothing are none for `all`, and zeros for a period", () => {
    const nothing = fold(dailyFold, []);
    const zeros = { messages: 0, responses: 0, toolCalls: 0, tokens: 0 };
    expect(readDaily(nothing, undefined, FIRST)).toEqual({ totals: zeros, days: [] });
    expect(readDaily(nothing, FIRST, FIRST)).toEqual({ totals: zeros, days: [{ day: FIRST, ...zeros }] });
  });

  test("dated after today are in no answer yet", () => {
    const facts = [request({ day: FIRST }), request({ day: FIRST + 1 }, 2)];
    expect(readDaily(fold(dailyFold, facts), undefined, FIRST).days).toHaveLength(1);
    expect(readDaily(fold(dailyFold, [request({ day: FIRST + 1 })]), undefined, FIRST).days).toEqual([]);
  });
});

// contract §4: "`activeUsers` / `activeGroups`: distinct over the whole period, by messages."
test("active users and groups are distinct over the whole period, by messages", () => {
  fc.assert(
    fc.property(lists, (facts) => {
      const messages = messagesOf(facts);
      expect([...fold(activeUsersFold, facts)].sort()).toEqual(distinct(messages.map((fact) => fact.userId)).sort());
      expect([...fold(activeGroupsFold, facts)].sort()).toEqual(distinct(messages.map((fact) => fact.groupId)).sort());
    }),
  );
});

// contract §4: "by requests, descending, ties by name (code points, as all ties)."
// contract §4: "`avgLatency`: mean ms of the requests that succeeded, 0 where none did"
// contract §2: "Tokens = input + output, the provider's total. Cached and reasoning tokens are parts of those and never added again."
// contract §2: "A failed request's tokens count. Absent usage is 0 tokens and marked as missing."
test("models are by requests, with the tokens of all and the latency of those that succeeded", () => {
  fc.assert(
    fc.property(lists, (facts) => {
      const rows = distinct(requestsOf(facts).map((fact) => fact.model)).map((model) => {
        const own = requestsOf(facts).filter((fact) => fact.model === model);
        const ok = own.filter((fact) => !fact.failed);
        const avgLatency = mean(ok.map((fact) => fact.durationNs));
        return {
          model,
          requests: own.length,
          tokens: tokens(own as StoredFact[]),
          avgLatency,
          errors: own.length - ok.length,
        };
      });
      expect(readModels(fold(modelsFold, facts))).toEqual(
        ranked(
          rows,
          (row) => row.requests,
          (row) => row.model,
        ),
      );
    }),
  );
});

// contract §4: "by calls, descending, ties by name."
// contract §4: "`avgDuration`: mean ms of all calls"
test("tools are by calls, with the duration of all calls", () => {
  fc.assert(
    fc.property(lists, (facts) => {
      const rows = distinct(callsOf(facts).map((fact) => fact.tool)).map((name) => {
        const own = callsOf(facts).filter((fact) => fact.tool === name);
        const successRate = Math.round((own.filter((fact) => !fact.failed).length / own.length) * 10_000) / 10_000;
        return { name, calls: own.length, avgDuration: mean(own.map((fact) => fact.durationNs)), successRate };
      });
      expect(readTools(fold(toolsFold, facts))).toEqual(
        ranked(
          rows,
          (row) => row.calls,
          (row) => row.name,
        ),
      );
    }),
  );
});

describe("channels", () => {
  // contract §4: "by requests, ties by id."
  test("are by requests, ties by id, with the newest request of the selection", () => {
    fc.assert(
      fc.property(lists, (facts) => {
        const rows = distinct(requestsOf(facts).map((fact) => fact.channel)).map((id) => {
          const own = requestsOf(facts).filter((fact) => fact.channel === id);
          const ok = own.filter((fact) => !fact.failed);
          const avgLatency = mean(ok.map((fact) => fact.durationNs));
          const lastUsedMs = Math.max(...own.map((fact) => fact.timeMs));
          return { id, requests: own.length, errors: own.length - ok.length, avgLatency, lastUsedMs };
        });
        expect(readChannels(fold(channelsFold, facts))).toEqual(
          ranked(
            rows,
            (row) => row.requests,
            (row) => row.id,
          ),
        );
      }),
    );
  });

  // contract §4: "else `error` where its 5 newest requests (of all time) all failed, else `active`."
  test("fail where their 5 newest requests of all time all failed", () => {
    fc.assert(
      fc.property(lists, (facts) => {
        const state = fold(newestFold, facts);
        for (const id of distinct(requestsOf(facts).map((fact) => fact.channel))) {
          const own = requestsOf(facts).filter((fact) => fact.channel === id);
          const order = own.sort((a, b) => b.timeMs - a.timeMs || b.timeNs - a.timeNs || (a.key < b.key ? 1 : -1));
          const five = order.slice(0, 5);
          expect(isFailing(state, id)).toBe(five.length === 5 && five.every((fact) => fact.failed));
        }
      }),
    );
  });

  test("with fewer than 5 requests, or none, are not failing", () => {
    const failed = [1, 2, 3, 4, 5].map((row) => request({ failed: true, amount: 2, at: row / 10 }, row));
    expect(isFailing(fold(newestFold, failed), "main")).toBe(true);
    expect(isFailing(fold(newestFold, failed.slice(1)), "main")).toBe(false);
    expect(isFailing(fold(newestFold, []), "main")).toBe(false);
    const good = request({ amount: 2, at: 0.9 }, 6);
    expect(isFailing(fold(newestFold, [good, ...failed]), "main")).toBe(false);
  });
});

describe.each(["messages", "tokens"] as const)("sorted by %s", (sort) => {
  // contract §4: "whoever has a message, request or tool call in the period. `sort`: `messages` (default) or `tokens`, descending, ties by userId"
  // contract §4: "`lastActive`: the newest message, request or tool call in the period"
  test("users are whoever has a message, request or tool call", () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 8 }), (facts, limit) => {
        const rows = distinct(activityOf(facts).map((fact) => fact.userId)).map((userId) => {
          const own = facts.filter((fact) => fact.userId === userId);
          return { userId, messages: messagesOf(own).length, tokens: tokens(own), lastActiveMs: newest(own) };
        });
        const expected = ranked(
          rows,
          (row) => row[sort],
          (row) => row.userId,
        );
        expect(readUsers(fold(usersFold, facts), sort, limit)).toEqual(expected.slice(0, limit));
      }),
    );
  });

  // contract §4: "the page shows no shape for it: this one, sorted and limited as users"
  test("groups are sorted and limited as users", () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 5 }), (facts, limit) => {
        const rows = distinct(activityOf(facts).map((fact) => fact.groupId)).map((groupId) => {
          const own = facts.filter((fact) => fact.groupId === groupId);
          return {
            groupId,
            messages: messagesOf(own).length,
            responses: responses(own),
            toolCalls: callsOf(own).length,
            tokens: tokens(own),
            activeUsers: distinct(messagesOf(own).map((fact) => fact.userId)).length,
            lastActiveMs: newest(own),
          };
        });
        const expected = ranked(
          rows,
          (row) => row[sort],
          (row) => row.groupId,
        );
        const groups = readGroups(fold(groupsFold, facts), fold(groupUsersFold, facts), sort, limit);
        expect(groups).toEqual(expected.slice(0, limit));
      }),
    );
  });
});
