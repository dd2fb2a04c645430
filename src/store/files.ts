/** Names of the files in a data folder. */
export const DATABASE = "botel.db";
export const CATALOG = "catalog.json";
export const PSEUDONYM_KEY = "pseudonym.key";
/** Held by the process that writes in the folder. */
export const LOCK = "botel.lock";
