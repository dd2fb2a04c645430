import type { Random } from "../ingest/mutations.ts";

/** JSON schema of a parameter, as the API's description has it. */
export interface ParameterSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export const upTo = (random: Random, n: number): number => Math.floor(random() * n);
export const pick = <T>(random: Random, list: readonly T[]): T => list[upTo(random, list.length)] as T;

const long = (n: number): string => "a".repeat(n);

/** What breaks programs that trust what they are sent. */
export const STRINGS: readonly string[] = [
  ["", " ", "\0", "a\0b", "\r\nX-Injected: 1", "\n\n", "\t", "\u007f", "\u0085", "\u2028", "\ufeff", "\u202e"],
  ["null", "undefined", "true", "[]", "{}", '{"a":1}', "[object Object]", "NaN", "Infinity", "-Infinity", "-0"],
  ["0x10", "1e3", "1e308", "1e-400", "00001", "+1", "1_000", "1,000", "٣", "５", "½", long(400).replaceAll("a", "9")],
  ["9007199254740993", "18446744073709551616", "-1", "0.1", "1.", ".5"],
  ["' OR 1=1 --", '"; DROP TABLE facts; --', "%' ESCAPE '", "_%_", "*", "1) UNION SELECT sql FROM sqlite_master --"],
  ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "${7*7}", "{{7*7}}", "$(id)", "`id`", "| id"],
  ["../../../../etc/passwd", "..\\..\\..\\windows", "file:///etc/passwd", "http://169.254.169.254/", "//evil.example"],
  ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "length"],
  ["😀", "\ud83d", "\udc00x", "e\u0301", "ﬃ", "İ", "ß", "ا", "𝕬", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘"],
  [long(1024), long(1025), "é".repeat(512), "😀".repeat(600), long(6000)],
  ["p1795559154611.0.39553", "p-1.0.0", "p9e99.1.1", "p1.1", "p..", "p1.1.99999999999999999999", "p0.0.0"],
  ["2024-12-15T15:30:00Z", "2024-12-15", "2024-13-45", "2024-02-30T25:61:61Z", "+275760-09-13T00:00:00.001Z"],
  [
    "0000-00-00T00:00:00Z",
    "-271821-04-20",
    "8640000000000000",
    "8640000000000001",
    "-8640000000000001",
    "1734276600000",
  ],
  ["day,week", "day\0", "DAY", "metric,error,metric", ",", "error,", "status;channel"],
].flat();

/** Values that mean something in this API, by the parameter's name. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  groupId: ["good-1", "good-2", "nobody", "10001"],
  userId: ["10001", "nobody"],
  toolName: ["get_time", "k", "nothing"],
  before: [
    "1734276600000",
    "2024-12-15T15:30:00Z",
    "4102444800000",
    "p1795559154611.0.39553",
    "2024-12-15T15:30:00.123+08:00",
  ],
  at: ["1734276600000", "2024-12-15T15:30:00Z"],
  traceId: ["0af7651916cd43dd8448eb211c80319c", "00000000000000000000000000000000"],
  paths: [
    "/api/stats/tools,/api/system/info",
    "/api/stats/users?limit=0,/api/logs?before=x,/api/nothing",
    "/api/batch?paths=/api/stats",
    "/api/system/events,/metrics,/v1/traces,/api/session",
    "//evil.example,http://[,/api/traces/%zz?at=1",
    "/api/stats,".repeat(300),
  ],
  types: ["status", "metric,error", "status,metric,error,channel"],
  "If-None-Match": ["*", '"x"', 'W/"x", "y"'],
  "Last-Event-ID": ["abc-1", "0-0", "x-99999999999999999999"],
};

/** One that the endpoint takes, as far as its schema tells. */
export function validValue(name: string, schema: ParameterSchema, random: Random): string {
  if (schema.enum) return pick(random, schema.enum);
  if (schema.type === "integer") {
    const { minimum = 0, maximum = 1000 } = schema;
    return String(pick(random, [minimum, maximum, minimum + upTo(random, maximum - minimum)]));
  }
  return pick(random, KNOWN[name] ?? ["x", "some text"]);
}

/** One at the edge of what it takes, on either side. */
export function borderline(name: string, schema: ParameterSchema, random: Random): string {
  if (schema.enum) {
    const value = pick(random, schema.enum);
    return pick(random, [value.toUpperCase(), `${value} `, value.slice(1), `${value},${value}`, value]);
  }
  if (schema.type === "integer") {
    const { minimum = 0, maximum = 1000 } = schema;
    return pick(random, [
      `${minimum - 1}`,
      `${maximum + 1}`,
      `0${minimum}`,
      `${minimum}.0`,
      `+${maximum}`,
      ` ${minimum}`,
    ]);
  }
  const { maxLength = 1024 } = schema;
  return pick(random, [long(maxLength), long(maxLength + 1), `${validValue(name, schema, random)}\0`, "a"]);
}

/** A value as a query or a path has it; now and then in an encoding that is not that of a URL. */
export function encoded(value: string, random: Random): string {
  const percent = [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const choice = random();
  if (choice < 0.6) return encodeURIComponent(value.toWellFormed());
  if (choice < 0.75) return percent;
  if (choice < 0.8) return encodeURIComponent(percent);
  if (choice < 0.9) return value;
  return pick(random, [
    "%",
    "%z",
    "%zz",
    "%c0%af",
    "%ff%fe",
    "%e2%82",
    "%00",
    "%u0041",
    "%0d%0aX-Injected:%201",
    "+%20+",
  ]);
}
