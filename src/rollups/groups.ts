import { GROUP, USER } from "../contract/fact.ts";
import type { Fold, Json } from "../contract/fold.ts";
import { compareCodePoints } from "../lib/order.ts";
import { firstOf } from "../lib/top.ts";
import { isActivity, tokensOf } from "./activity.ts";
import { increase, raise, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** By group: whichever has a message, request or tool call. */
export type GroupsState = Table<"messages" | "responses" | "toolCalls" | "tokens" | "lastMs">;

export const groupsFold = tableFold({
  name: "groups",
  version: 1,
  needs: GROUP,
  wholeOnly: false,
  owner: "group",
  columns: { messages: "sum", responses: "sum", toolCalls: "sum", tokens: "sum", lastMs: "max" },
  rowOf: (fact) => (isActivity(fact) ? fact.groupId : undefined),
  add(groups, row, fact) {
    if (fact.kind === "message") {
      increase(groups.messages, row, 1);
      increase(groups.responses, row, fact.responses);
    }
    if (fact.kind === "request") increase(groups.tokens, row, tokensOf(fact));
    if (fact.kind === "tool") increase(groups.toolCalls, row, 1);
    raise(groups.lastMs, row, fact.timeMs);
  },
});

/** By group the users who wrote a message in it. */
export type GroupUsersState = Map<string, Set<string>>;

/** A user of many groups is named once: `members` are places in `users`. */
type EncodedGroupUsers = { users: string[]; groups: string[]; members: number[][] };

export const groupUsersFold: Fold<GroupUsersState> = {
  name: "groupUsers",
  version: 1,
  needs: USER | GROUP,
  wholeOnly: false,
  zero: () => new Map(),
  add(state, fact) {
    if (fact.kind === "message") usersOf(state, fact.groupId as string).add(fact.userId as string);
  },
  merge(state, other) {
    for (const [group, users] of other) {
      const known = usersOf(state, group);
      for (const user of users) known.add(user);
    }
  },
  encode(state) {
    if (state.size === 0) return undefined;
    const groups = [...state.keys()].sort();
    const users = [...new Set([...state.values()].flatMap((members) => [...members]))].sort();
    const places = new Map(users.map((user, i) => [user, i]));
    const members = groups.map((group) =>
      [...(state.get(group) ?? [])].map((user) => places.get(user) as number).sort((a, b) => a - b),
    );
    return { users, groups, members } satisfies Json;
  },
  decode(json) {
    const state: GroupUsersState = new Map();
    absorb(state, json);
    return state;
  },
  absorb,
  rename(state, owner, from, to) {
    if (owner === "group") {
      const users = state.get(from);
      if (users !== undefined && state.delete(from)) state.set(to, users);
    } else {
      for (const users of state.values()) if (users.delete(from)) users.add(to);
    }
  },
  size(state) {
    let members = 0;
    for (const users of state.values()) members += users.size;
    return members;
  },
};

function absorb(state: GroupUsersState, json: Json): void {
  const { users, groups, members } = json as EncodedGroupUsers;
  for (const [i, group] of groups.entries()) {
    const known = usersOf(state, group);
    for (const place of members[i] ?? []) known.add(users[place] as string);
  }
}

function usersOf(state: GroupUsersState, group: string): Set<string> {
  let users = state.get(group);
  if (users === undefined) state.set(group, (users = new Set()));
  return users;
}

export interface GroupUse {
  groupId: string;
  messages: number;
  responses: number;
  toolCalls: number;
  tokens: number;
  /** Distinct users by messages. */
  activeUsers: number;
  /** Epoch ms of the newest message, request or tool call. */
  lastActiveMs: number;
}

/** @returns the first `limit` groups by `sort`, descending, ties by groupId. */
export function readGroups(
  groups: GroupsState,
  groupUsers: GroupUsersState,
  sort: "messages" | "tokens",
  limit: number,
): GroupUse[] {
  const { names } = groups;
  const by = groups[sort];
  const first = firstOf(
    names.length,
    limit,
    (a, b) => (by[b] as number) - (by[a] as number) || compareCodePoints(names[a] as string, names[b] as string),
  );
  return first.map((row) => ({
    groupId: names[row] as string,
    messages: groups.messages[row] as number,
    responses: groups.responses[row] as number,
    toolCalls: groups.toolCalls[row] as number,
    tokens: groups.tokens[row] as number,
    activeUsers: groupUsers.get(names[row] as string)?.size ?? 0,
    lastActiveMs: groups.lastMs[row] as number,
  }));
}
