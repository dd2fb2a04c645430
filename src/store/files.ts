/** Names of the files in a data folder. */
export const DATABASE = "botel.db";
export const CATALOG = "catalog.json";
export const PSEUDONYM_KEY = "pseudonym.key";
/** Of an instance of a cluster: its days, as the observer reads them, and facts on their way to ClickHouse. */
export const CLUSTER_DAYS = "cluster-days.db";
export const SPOOL = "spool.db";
/** Held by the process that writes in the folder. */
export const LOCK = "botel.lock";
