import type { PatternName } from "../lib/mask.ts";

/** Every setting, validated and frozen; documented in `config/default.yaml`. */
export interface Settings {
  server: {
    host: string;
    /** 0: a free one. */
    port: number;
    /** The second port, for OTLP only; 0: none. */
    otlpPort: number;
    /** Open connections of a port at the most. */
    maxConnections: number;
  };
  /** Requests a minute of one client, a token or else an address; 0: no limit, of whatever kind. */
  rateLimit: number;
  access: AccessSettings;
  /** The folder of this run's data; absolute. The demo's is a folder `demo` inside it. */
  dataDir: string;
  /** An IANA name; undefined: the machine's at the first start, then as kept with the data. */
  timeZone?: string;
  /** undefined: only where nothing else is there (contract §7). */
  demo: {
    enabled?: boolean;
    seed: number;
    historyDays: number;
  };
  store: {
    kind: "sqlite" | "clickhouse";
    retention: {
      /** Days that raw facts are kept. */
      facts: number;
      debugLogs: number;
      toolBodies: number;
      /** Of spans that are no facts. */
      spans: number;
    };
    /** Bytes on disk; 0: no bound. SQLite's only. */
    maxBytes: number;
    clickhouse: ClickHouseSettings;
  };
  privacy: {
    /** Ids whose facts are not kept. */
    excludeUsers: string[];
    excludeGroups: string[];
    /** Users and groups are kept under pseudonyms, without their names. */
    pseudonymise: boolean;
    /** Secret; undefined: one that is made once, in the folder of the data. */
    pseudonymKey?: string;
  };
  instrument: {
    /** ms after which an open request or tool call becomes an unfinished one. */
    unfinishedAfter: number;
    /** Facts queued in the bot's process at the most. */
    queueLimit: number;
    content: {
      /** Characters of tool arguments or results that are kept. */
      maxChars: number;
      /** Keys whose values are replaced, whatever their case. */
      redactKeys: string[];
      /** What is hidden in texts, whatever their key. */
      redactPatterns: PatternName[];
      /** False: of a failure only its type is kept. */
      errorTexts: boolean;
    };
  };
  ingest: {
    /** Bytes of an OTLP request as it is sent. */
    maxBodyBytes: number;
    /** Bytes of it when it is inflated. */
    maxInflatedBytes: number;
    /** Spans, log records or metric points of a request. */
    maxItems: number;
    /** Attributes of one of them, with all that they hold. */
    maxAttributes: number;
    /** Lists and maps inside each other. */
    maxDepth: number;
    /** Bytes that may wait for the store. */
    queueBytes: number;
  };
  live: {
    /** Bytes of the ring for replay. */
    ringBytes: number;
    /** Bytes queued for one client at the most. */
    clientBytes: number;
    /** Clients of the event stream at the most. */
    maxClients: number;
  };
  metrics: {
    /** Values of one label at the most; the rest is `other`. */
    labelValues: number;
  };
  panel: {
    /** Whether `/chatai/api` answers the web panel of the original plug-in. */
    enabled: boolean;
  };
  bot: BotSettings;
}

/** Who may ask (contract §6). */
export interface AccessSettings {
  /** Absolute; what `botel token` writes. */
  tokenFile: string;
  /** SHA-256 in hex of `BOTEL_TOKEN`, which has all scopes. */
  environmentToken?: string;
  /** Names beside localhost that botel answers for where there is no token. */
  hosts: string[];
  /** Origins whose pages may read answers, as `https://dash.example`. */
  origins: string[];
  /** Addresses and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  trustedProxies: string[];
  /** Open event streams of one client at the most, where a token is needed. */
  maxStreams: number;
  /** Requests a minute of one client. */
  rateLimits: {
    /** Of a session by cookie: the page. */
    session: number;
    /** Of `/v1/*`. */
    ingest: number;
    /** Of `/metrics`. */
    metrics: number;
  };
}

/** The cluster that several instances share. */
export interface ClickHouseSettings {
  /** A shard each, of its HTTP interface; a list: its replicas. */
  urls: (string | string[])[];
  database: string;
  user: string;
  password: string;
  /** Tables are made with `Replicated…` engines. */
  replicated: boolean;
  /** As the servers call the cluster. */
  cluster?: string;
  /** Facts are acknowledged when they are in a spool on this machine's disk. */
  spool: boolean;
  /** Bytes of the spool at the most. */
  spoolBytes: number;
}

/** The reference bot; it is started where `channels` has one. */
export interface BotSettings {
  onebot: { url?: string; accessToken?: string };
  channels: ChannelSettings[];
  mcp: McpServerSettings[];
  /** Answers a calendar day; 0: no limit. */
  limits: { groupAnswersPerDay: number; userAnswersPerDay: number };
  /** By a group's id. */
  groups: Record<string, GroupSettings>;
}

export interface GroupSettings {
  /** False: the bot hears the group and says nothing. */
  enabled: boolean;
  /** The model that is asked first, until the group chooses one. */
  model?: string;
  /** What the model is told it is, in place of the bot's own words. */
  prompt?: string;
  /** In place of the limit of all groups; 0: no limit. */
  answersPerDay?: number;
}

/** An MCP server: a command that is started and talked to on its standard input and output, or a URL of streamable HTTP. */
export interface McpServerSettings {
  name: string;
  command?: string;
  args: string[];
  /** Beside what every program needs (`PATH`, `HOME`, …): nothing else of the bot's environment goes to it. */
  env: Record<string, string>;
  url?: string;
  headers: Record<string, string>;
}

export interface ChannelSettings {
  id: string;
  name?: string;
  /** The protocol of its provider: OpenAI's chat completions, Anthropic's messages, or Google's Gemini. */
  adapter: "openai" | "claude" | "gemini";
  /** `gen_ai.provider.name`; default: what the host of `baseUrl` is known as, else whose protocol it is. */
  provider?: string;
  baseUrl: string;
  apiKey: string;
  models: string[];
  /** The smaller, the earlier. */
  priority: number;
  enabled: boolean;
}
