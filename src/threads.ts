import type { Settings } from "./config/settings.ts";

/** What becomes of facts that come by OTLP: a demo that was asked for refuses them, one that was not gives way. */
export type Outside = "taken" | "refused" | "endsDemo";

interface ThreadData {
  settings: Settings;
  /** Folder of this run's data, the demo's own where it is one. */
  dataDir: string;
  demo: boolean;
  /** False where botel only receives OTLP: no bot's thread beats then. */
  withBot: boolean;
}

/** What the store's thread is started with. */
export interface StoreThreadData extends ThreadData {
  /** One shared number: of the newest batch that is stored, for the bot's last moment. */
  stored: Int32Array;
}

/** What the observer's thread is started with. */
export interface ObserverThreadData extends ThreadData {
  outside: Outside;
  version: string;
  /** Epoch ms of the process's start. */
  startedAt: number;
}
