/** Every setting, validated and frozen; documented in `config/default.yaml`. */
export interface Settings {
  server: {
    host: string;
    /** 0: a free one. */
    port: number;
    /** The second port, for OTLP only; 0: none. */
    otlpPort: number;
  };
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
    retention: {
      /** Days that raw facts are kept. */
      facts: number;
      debugLogs: number;
      toolBodies: number;
      /** Of spans that are no facts. */
      spans: number;
    };
    /** Bytes on disk; 0: no bound. */
    maxBytes: number;
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
  bot: BotSettings;
}

/** The reference bot; it is started where `channels` has one. */
export interface BotSettings {
  onebot: { url?: string; accessToken?: string };
  channels: ChannelSettings[];
}

export interface ChannelSettings {
  id: string;
  name?: string;
  adapter: "openai";
  /** `gen_ai.provider.name`; default: what the host of `baseUrl` is known as, else the adapter. */
  provider?: string;
  baseUrl: string;
  apiKey: string;
  models: string[];
  /** The smaller, the earlier. */
  priority: number;
  enabled: boolean;
}
