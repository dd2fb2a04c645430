import { USER } from "../contract/fact.ts";
import { compareCodePoints } from "../lib/order.ts";
import { firstOf } from "../lib/top.ts";
import { isActivity, tokensOf } from "./activity.ts";
import { increase, raise, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** By user: whoever has a message, request or tool call. */
export type UsersState = Table<"messages" | "tokens" | "lastMs">;

export const usersFold = tableFold({
  name: "users",
  version: 1,
  needs: USER,
  wholeOnly: false,
  owner: "user",
  columns: { messages: "sum", tokens: "sum", lastMs: "max" },
  rowOf: (fact) => (isActivity(fact) ? fact.userId : undefined),
  add(users, row, fact) {
    if (fact.kind === "message") increase(users.messages, row, 1);
    if (fact.kind === "request") increase(users.tokens, row, tokensOf(fact));
    raise(users.lastMs, row, fact.timeMs);
  },
});

export interface UserUse {
  userId: string;
  messages: number;
  tokens: number;
  /** Epoch ms of the newest message, request or tool call. */
  lastActiveMs: number;
}

/** @returns the first `limit` users by `sort`, descending, ties by userId. */
export function readUsers(state: UsersState, sort: "messages" | "tokens", limit: number): UserUse[] {
  const { names } = state;
  const by = state[sort];
  const first = firstOf(
    names.length,
    limit,
    (a, b) => (by[b] as number) - (by[a] as number) || compareCodePoints(names[a] as string, names[b] as string),
  );
  return first.map((row) => ({
    userId: names[row] as string,
    messages: state.messages[row] as number,
    tokens: state.tokens[row] as number,
    lastActiveMs: state.lastMs[row] as number,
  }));
}
