import type { Fold } from "../contract/fold.ts";
import { activeGroupsFold, activeUsersFold } from "./active.ts";
import { channelsFold, newestFold } from "./channels.ts";
import { dailyFold } from "./daily.ts";
import { groupUsersFold, groupsFold } from "./groups.ts";
import { hoursFold } from "./hours.ts";
import { metricsFold } from "./metrics.ts";
import { modelsFold } from "./models.ts";
import { toolsFold } from "./tools.ts";
import { userTokensFold } from "./user-tokens.ts";
import { usersFold } from "./users.ts";

/** Every statistic. A new one is a file, and a line here: the day folder, the windows and the law test read this list. */
export const FOLDS: readonly Fold<unknown>[] = [
  dailyFold,
  activeUsersFold,
  activeGroupsFold,
  modelsFold,
  toolsFold,
  channelsFold,
  newestFold,
  usersFold,
  groupsFold,
  groupUsersFold,
  metricsFold,
  userTokensFold,
  hoursFold,
];

/** Names and versions of all folds: a closed day that was folded under another list has to be folded again. */
export const FOLDS_SIGNATURE = FOLDS.map(({ name, version }) => `${name}@${version}`).join(" ");
