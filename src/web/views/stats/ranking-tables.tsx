import { useState } from "preact/hooks";
import { query, useAnswer } from "../../answer.ts";
import type { Sort as Ranking } from "../../../contract/wire/query.ts";
import type { GroupRow, GroupsData, UserRow, UsersData } from "../../../contract/wire/stats.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Ago } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { useViewer } from "../../words/viewer.ts";
import { Answered } from "./answered.tsx";
import type { Selection } from "./period.ts";

const LIMITS = [10, 100, 1000] as const;

/** Who talks: users and groups, ranked by botel, so that the first are the first of all and not only of those shown. */
export function RankingTables(selection: Selection) {
  return (
    <>
      <UsersTable {...selection} />
      {!selection.groupId && <GroupsTable {...selection} />}
    </>
  );
}

function useRanking() {
  const [sort, setSort] = useState<Ranking>("messages");
  const [step, setStep] = useState(0);
  const limit = LIMITS[step] ?? 1000;
  return { sort, setSort, limit, more: step + 1 < LIMITS.length ? () => setStep(step + 1) : undefined };
}

type RankingState = ReturnType<typeof useRanking>;

function More({ ranking, rows }: { ranking: RankingState; rows: number }) {
  const { words } = useViewer();
  if (!ranking.more || rows < ranking.limit) return null;
  return (
    <button type="button" class="show-more" onClick={ranking.more}>
      {words.stats.showMore}
    </button>
  );
}

function UsersTable({ period, groupId, turn }: Selection) {
  const { words } = useViewer();
  const ranking = useRanking();
  const { sort, limit } = ranking;
  const users = useAnswer<UsersData>(query("/api/stats/users", { period, groupId, sort, limit }), turn);
  const columns = useUserColumns(ranking);
  return (
    <Answered answer={users} title={words.stats.users}>
      {(data) => (
        <DataTable
          key={sort}
          name={`users-${period}`}
          title={words.stats.users}
          rows={data.users}
          columns={columns}
          sorted={sort}
          rowKey={({ userId }) => userId}
          busy={users.loading}
          more={<More ranking={ranking} rows={data.users.length} />}
        />
      )}
    </Answered>
  );
}

function GroupsTable({ period, turn }: Selection) {
  const { words } = useViewer();
  const ranking = useRanking();
  const { sort, limit } = ranking;
  const groups = useAnswer<GroupsData>(query("/api/stats/groups", { period, sort, limit }), turn);
  const columns = useGroupColumns(ranking, period);
  return (
    <Answered answer={groups} title={words.stats.groups}>
      {(data) => (
        <DataTable
          key={sort}
          name={`groups-${period}`}
          title={words.stats.groups}
          rows={data.groups}
          columns={columns}
          sorted={sort}
          rowKey={({ groupId }) => groupId}
          busy={groups.loading}
          more={<More ranking={ranking} rows={data.groups.length} />}
        />
      )}
    </Answered>
  );
}

function useUserColumns({ setSort }: RankingState): Column<UserRow>[] {
  const { words } = useViewer();
  const { columns, toolCallsOf } = words.stats;
  return [
    {
      key: "nickname",
      title: columns.user,
      value: ({ nickname }) => nickname,
      show: ({ nickname, userId }) => (
        <>
          <a href={href("logs/tools", { userId })} title={toolCallsOf(nickname)}>
            <bdi>{nickname}</bdi>
          </a>
          {nickname !== userId && <span class="small soft id">{userId}</span>}
        </>
      ),
    },
    {
      key: "messages",
      title: words.counts.messages,
      value: ({ messages }) => messages,
      bar: true,
      onSort: () => setSort("messages"),
    },
    {
      key: "tokens",
      title: words.counts.tokens,
      value: ({ tokens }) => tokens,
      bar: true,
      onSort: () => setSort("tokens"),
    },
    lastActive(columns.lastActive),
  ];
}

function useGroupColumns({ setSort }: RankingState, period: string): Column<GroupRow>[] {
  const { words } = useViewer();
  const { columns, only } = words.stats;
  return [
    {
      key: "name",
      title: columns.group,
      value: ({ name }) => name,
      show: ({ name, groupId }) => (
        <>
          <a href={href("stats", { period, groupId })} title={only(name)}>
            <bdi>{name}</bdi>
          </a>
          {name !== groupId && <span class="small soft id">{groupId}</span>}
        </>
      ),
    },
    {
      key: "messages",
      title: words.counts.messages,
      value: ({ messages }) => messages,
      bar: true,
      onSort: () => setSort("messages"),
    },
    { key: "responses", title: words.counts.responses, value: ({ responses }) => responses },
    { key: "toolCalls", title: words.counts.toolCalls, value: ({ toolCalls }) => toolCalls },
    {
      key: "tokens",
      title: words.counts.tokens,
      value: ({ tokens }) => tokens,
      bar: true,
      onSort: () => setSort("tokens"),
    },
    { key: "activeUsers", title: words.counts.activeUsers, value: ({ activeUsers }) => activeUsers },
    lastActive(columns.lastActive),
  ];
}

function lastActive<Row extends { lastActive: string }>(title: string): Column<Row> {
  return {
    key: "lastActive",
    title,
    end: true,
    value: (row) => row.lastActive,
    show: (row) => <Ago at={row.lastActive} />,
  };
}
