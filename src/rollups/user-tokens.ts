import { USER } from "../contract/fact.ts";
import { compareCodePoints } from "../lib/order.ts";
import { firstOf } from "../lib/top.ts";
import { increase, tableFold } from "./table.ts";
import type { Table } from "./table.ts";

/** Input and output of the requests of each user. */
export type UserTokensState = Table<"input" | "output">;

export const userTokensFold = tableFold({
  name: "userTokens",
  version: 1,
  needs: USER,
  wholeOnly: true,
  owner: "user",
  columns: { input: "sum", output: "sum" },
  rowOf: (fact) => (fact.kind === "request" ? fact.userId : undefined),
  add(users, row, fact) {
    if (fact.kind !== "request") return;
    increase(users.input, row, fact.inputTokens);
    increase(users.output, row, fact.outputTokens);
  },
});

export interface UserTokens {
  userId: string;
  input: number;
  output: number;
}

/** @returns the first `limit` users by input + output, descending, ties by userId. */
export function readUserTokens({ names, input, output }: UserTokensState, limit: number): UserTokens[] {
  const sum = (row: number): number => (input[row] as number) + (output[row] as number);
  const first = firstOf(
    names.length,
    limit,
    (a, b) => sum(b) - sum(a) || compareCodePoints(names[a] as string, names[b] as string),
  );
  return first.map((row) => ({
    userId: names[row] as string,
    input: input[row] as number,
    output: output[row] as number,
  }));
}
