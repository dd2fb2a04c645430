import type { Settings } from "./config/settings.ts";

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
  version: string;
  /** Epoch ms of the process's start. */
  startedAt: number;
}
