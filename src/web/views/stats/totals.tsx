import type { DailyRow, StatsData } from "../../../contract/wire/stats.ts";
import { useViewer } from "../../words/viewer.ts";
import { changeOf, type DailyCount } from "./compare.ts";
import type { PeriodName } from "./period.ts";

const TILES = [
  ["totalMessages", "messages"],
  ["aiResponses", "responses"],
  ["toolCalls", "toolCalls"],
  ["tokensUsed", "tokens"],
  ["activeUsers", "activeUsers"],
  ["activeGroups", "activeGroups"],
] as const;

interface TotalsProps {
  summary: StatsData["summary"];
  /** Of all time. */
  ever?: readonly DailyRow[];
  period: PeriodName;
}

/** The totals of a period, and how they compare with the period before. */
export function Totals({ summary, ever, period }: TotalsProps) {
  const { words, format } = useViewer();
  return (
    <dl class="tiles">
      {TILES.map(([field, word]) => (
        <div key={field} class="tile" data-total={field}>
          <dt>{words.counts[word]}</dt>
          <dd>
            <span class="value">{format.count(summary[field])}</span>
            {isDaily(word) && period !== "all" && ever && (
              <Change share={changeOf(ever, period, word)} period={period} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function isDaily(word: string): word is DailyCount {
  return !word.startsWith("active");
}

function Change({ share, period }: { share?: number; period: Exclude<PeriodName, "all"> }) {
  const { words, format } = useViewer();
  if (share === undefined) return null;
  const rounded = Math.round(share * 1000) / 1000;
  const [sign, word] = rounded > 0 ? ["↑", words.stats.more] : rounded < 0 ? ["↓", words.stats.less] : ["=", ""];
  return (
    <span class="more" data-change={rounded}>
      <span aria-hidden="true">{sign} </span>
      <span class="unseen">{word} </span>
      {format.percent(Math.abs(rounded))} {words.stats.versus[period]}
    </span>
  );
}
