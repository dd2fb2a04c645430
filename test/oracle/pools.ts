/** Values that the generated turns are made of: plain ones, and ones that break what was not escaped or not counted. */

export const ZONES = [
  "Asia/Shanghai",
  "America/New_York",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Australia/Lord_Howe",
  "America/Havana",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Beirut",
  "UTC",
] as const;

export const IDS = [
  "10001",
  "10002",
  "111222333",
  "0",
  "-1",
  "00010001",
  "１０００１",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "all",
  "\u{1F600}",
  "\uFF5E",
  "é",
  "e\u0301",
  "a b&c=d?#/%25+",
  '"quoted"\\',
  "<script>alert(1)</script>",
  "'; drop table facts; --",
  "line\nbreak\ttab",
  "用户-甲",
  "x".repeat(120),
] as const;

export const NAMES = ["活跃用户", "Ada", "Ωmega", "\u{1F9D1}\u200D\u{1F680}", "o'Neil", "__proto__", "مستخدم"] as const;

export const MODELS = [
  "gpt-4o",
  "gpt-4o-mini",
  "deepseek-chat",
  "qwen/qwen3-32b",
  "\u{1F600}",
  "\uFF5E",
  "__proto__",
] as const;

/** The channel whose requests mostly fail. */
export const FAILING = "deepseek-spare";

export const CHANNELS = ["openai-main", FAILING, FAILING, "constructor", "渠道 一"] as const;

export const PROVIDERS = ["openai", "deepseek"] as const;

export const TOOLS = ["get_time", "roll_dice", "web_search", "toString", "\u{1F600}", "\uFF5E"] as const;

export const BOTS = ["3001", "3002"] as const;

/** Tool arguments and results as senders write them: JSON text, text that is none, structures. */
export const BODIES = [
  '{"city":"北京","days":3}',
  '["a",1,null,true]',
  "12",
  '"a word"',
  "no json {",
  '{"__proto__":{"polluted":true},"n":1}',
  "  ",
  "null",
  '{"deep":{"list":[{"x":1.5},{"y":""}]}}',
] as const;

export const SENTENCES = [
  "Chat request processed",
  "ünïcode ☃ \u{1F600}",
  "<b>no html</b>",
  'with "quotes" and\nlines',
  "100% %s",
] as const;
