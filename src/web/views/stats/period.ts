import type { Period } from "../../../contract/wire/query.ts";

export const PERIOD_NAMES = ["day", "week", "month", "all"] as const satisfies readonly Period[];
export type PeriodName = (typeof PERIOD_NAMES)[number];

/** What the tables are of, and when they are to be asked for again. */
export interface Selection {
  period: PeriodName;
  groupId?: string;
  turn: number;
}
