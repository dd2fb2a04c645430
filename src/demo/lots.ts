/** What a temple's lots say, from the best to the worst. */
export const LOTS = ["大吉", "中吉", "小吉", "吉", "末吉", "凶"];
