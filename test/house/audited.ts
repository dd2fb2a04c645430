/** What `npm audit --json` said, held against the exceptions of `audit-exceptions.json`. */
export interface Audited {
  /** Whether the registry was asked at all; where not, nothing is known. */
  isReached: boolean;
  /** Known weaknesses without an exception, one line each. */
  findings: string[];
  /** Exceptions that are not needed any more. */
  outdated: string[];
}

interface Advisory {
  source: number;
  name: string;
  title: string;
  url: string;
  severity: string;
  range: string;
}

interface Report {
  vulnerabilities?: Record<string, { via: (string | Advisory)[] }>;
}

/**
 * @param text what npm wrote to stdout
 * @param exceptions the reason why botel is not touched, by the advisory's id, as `GHSA-…`
 */
export function audited(text: string, exceptions: Readonly<Record<string, string>>): Audited {
  const { vulnerabilities } = reportOf(text);
  if (!vulnerabilities) return { isReached: false, findings: [], outdated: [] };
  const advisories = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((each) => typeof each !== "string"),
  );
  const byId = new Map(advisories.map((advisory) => [idOf(advisory), advisory]));
  return {
    isReached: true,
    findings: [...byId].filter(([id]) => !Object.hasOwn(exceptions, id)).map(([id, each]) => lineOf(id, each)),
    outdated: Object.keys(exceptions).filter((id) => !byId.has(id)),
  };
}

function reportOf(text: string): Report {
  try {
    return (JSON.parse(text) as Report | null) ?? {};
  } catch {
    return {};
  }
}

function idOf({ url, source }: Advisory): string {
  return /GHSA(?:-\w{4}){3}/.exec(url)?.[0] ?? String(source);
}

function lineOf(id: string, { name, range, severity, title, url }: Advisory): string {
  return `${id} ${severity}: ${name} ${range}: ${title} (${url})`;
}
