import type { Receiver } from "../ingest/receiver.ts";
import type { Forgotten, Whom } from "../contract/thread.ts";
import type { EventType } from "../contract/wire/events.ts";
import type { ErrorsData, LogsData, ToolLogsData } from "../contract/wire/logs.ts";
import type {
  ErrorLogQuery,
  LogsQuery,
  RankingQuery,
  StatsQuery,
  ToolLogsQuery,
  TraceQuery,
} from "../contract/wire/query.ts";
import type { ChannelsData, GroupsData, ModelsData, StatsData, ToolsData, UsersData } from "../contract/wire/stats.ts";
import type { TraceData } from "../contract/wire/traces.ts";
import type { Clock } from "../lib/clock.ts";
import type { Access } from "./access/access.ts";
import type { PanelAnswers } from "./panel/answers.ts";
import type { HealthData, InfoData, StatusData } from "../contract/wire/system.ts";

/** What the routes ask; the composition gives it. */
export interface ApiDeps {
  /** undefined while the store is not there (yet, or again): those routes answer 503. */
  answers(): Answers | undefined;
  system: SystemAnswers;
  live: LiveEvents;
  metrics: MetricsText;
  /** Who may ask. */
  access: Access;
  clock: Clock;
  /** Erases a user or a group; absent: nobody can. */
  forget?(whom: Whom): Promise<Forgotten>;
  /** What the panel of the original plug-in asks; absent: it is off. Answers are undefined while the store is not there. */
  panel?: () => PanelAnswers | undefined;
  /** Takes what comes by OTLP; absent: there are no such routes. */
  receiver?: Receiver;
  /** What `/readyz` says. */
  ready(): boolean;
  /** Called once for each request that failed inside; the client sees `requestId` only. */
  report(failure: Failed): void;
}

export interface Failed {
  requestId: string;
  method: string;
  path: string;
  error: unknown;
}

type Soon<Data> = Data | Promise<Data>;

/** Folds and stored facts as wire data. */
export interface Answers {
  stats(query: StatsQuery): Soon<StatsData>;
  models(query: StatsQuery): Soon<ModelsData>;
  tools(query: StatsQuery): Soon<ToolsData>;
  users(query: RankingQuery): Soon<UsersData>;
  groups(query: RankingQuery): Soon<GroupsData>;
  channels(query: StatsQuery): Soon<ChannelsData>;
  logs(query: LogsQuery): Soon<LogsData>;
  toolLogs(query: ToolLogsQuery): Soon<ToolLogsData>;
  errors(query: ErrorLogQuery): Soon<ErrorsData>;
  /** undefined where nothing of it is kept near that time. */
  trace(query: TraceQuery): Soon<TraceData | undefined>;
}

export interface SystemAnswers {
  status(): Soon<StatusData>;
  info(): Soon<InfoData>;
  health(): Soon<HealthData>;
}

export interface MetricsText {
  /** The whole scrape. @param accept the header of that name */
  render(accept?: string): Soon<{ contentType: string; body: string }>;
}

export interface LiveEvents {
  /** Open streams at the most. */
  readonly maxClients: number;
  subscribe(client: LiveClient): Subscription;
}

export interface LiveClient {
  /** As the client sent it: anything. */
  lastEventId?: string;
  /** undefined: all. */
  types?: readonly EventType[];
  /** @returns false where the client reads too slowly: nothing more is to be written until `drained`. */
  write(chunk: Uint8Array): boolean;
  /** Ends the stream. */
  end(): void;
  /** Breaks the connection at once: what was written and has not left is lost. */
  cut(): void;
}

export interface Subscription {
  /** What was written has left. */
  drained(): void;
  /** The client is gone. */
  close(): void;
}
