import type { Answer } from "../../answer.ts";
import type { StatsData } from "../../../contract/wire/stats.ts";
import { Failed, Loading } from "../../parts/states.tsx";
import { href } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";

const ROWS = [
  ["totalMessages", "messages"],
  ["aiResponses", "responses"],
  ["toolCalls", "toolCalls"],
  ["tokensUsed", "tokens"],
  ["activeUsers", "activeUsers"],
  ["activeGroups", "activeGroups"],
] as const;

/** The totals of today, as `/api/stats` gives them. */
export function TodayCard({ today: { data, error } }: { today: Answer<StatsData> }) {
  const { words, format } = useViewer();
  return (
    <section class="card" aria-label={words.now.today} data-card="today">
      <div class="card-head">
        <h2>{words.now.today}</h2>
        <a class="small" href={href("stats", { period: "day" })}>
          {words.nav.stats}
        </a>
      </div>
      {!data && (error ? <Failed error={error} /> : <Loading />)}
      {data && (
        <dl class="facts">
          {ROWS.map(([field, word]) => (
            <div key={field} data-total={field}>
              <dt>{words.counts[word]}</dt>
              <dd>{format.count(data.summary[field])}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
