import { sample, type Sample } from "./made.ts";

interface Family {
  name: string;
  type: string;
  unit?: string;
  help: string;
  samples: (Sample & { exemplar?: Exemplar })[];
}

interface Exemplar {
  labels: Record<string, string>;
  value: number;
  /** Seconds. */
  time: number;
}

/** One scrape, read as strictly as OpenMetrics 1.0 says. */
export interface OpenMetrics {
  body: string;
  families: Family[];
}

/** Which endings the samples of a family may have. */
const ENDINGS: Record<string, RegExp> = {
  counter: /^_(total|created)$/,
  gauge: /^$/,
  histogram: /^_(bucket|count|sum|created)$/,
  summary: /^(_(count|sum|created))?$/,
  info: /^_info$/,
};

/** @throws {Error} at the first line that is not as it has to be */
export function readOpenMetrics(body: string): OpenMetrics {
  const lines = body.split("\n");
  if (lines.pop() !== "" || lines.pop() !== "# EOF") throw new Error("the last line is not # EOF");
  const families = new Map<string, Family>();
  let current: Family | undefined;
  const seen = new Set<string>();
  for (const line of lines) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line) ?? [];
    if (word === undefined) {
      if (current === undefined) throw new Error(`a sample of no family: ${line}`);
      const read = sampleOf(line, current);
      const key = JSON.stringify([read.name, Object.entries(read.labels).map(String).sort()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      current.samples.push(read);
      continue;
    }
    if (name !== current?.name) {
      if (families.has(name)) throw new Error(`family ${name} comes in pieces`);
      families.set(name, (current = { name, type: "unknown", help: "", samples: [] }));
    }
    if (word === "TYPE") current.type = rest;
    else if (word === "HELP") current.help = rest;
    else if (name.endsWith(`_${rest}`)) current.unit = rest;
    else throw new Error(`${name} is not in ${rest}`);
  }
  return { body, families: [...families.values()] };
}

function sampleOf(line: string, { name, type }: Family): Family["samples"][number] {
  const [, own = line, given] = /^(.*?)( # \{.*)?$/.exec(line) ?? [];
  const read = sample(own);
  const ending = read.name.slice(name.length);
  if (!read.name.startsWith(name) || !ENDINGS[type]?.test(ending)) throw new Error(`not of ${type} ${name}: ${line}`);
  if (given === undefined) return read;
  const [, pairs = "", value, time] = /^ # \{(.*)\} (\S+) (\S+)$/.exec(given) ?? [];
  const { labels } = sample(`x{${pairs}} ${value}`);
  const length = Object.entries(labels).reduce((sum, [label, text]) => sum + label.length + text.length, 0);
  if (length > 128) throw new Error(`an exemplar of ${length} characters`);
  return { ...read, exemplar: { labels, value: Number(value), time: Number(time) } };
}
