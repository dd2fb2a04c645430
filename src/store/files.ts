/** Names of the files in a data folder. */
export const DATABASE = "botel.db";
export const CATALOG = "catalog.json";
