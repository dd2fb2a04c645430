import { useEffect, useState } from "preact/hooks";

/** Where in the page the viewer is: all of it is in the address, behind the `#`. */
export interface Route {
  /** `stats`, `logs/tools`, `trace/<id>`, or "". */
  path: string;
  params: Readonly<Record<string, string>>;
}

export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  return { path: path.replace(/\/$/, ""), params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place; parameters that are undefined or empty are left out. */
export function href(path: string, params: Record<string, string | undefined> = {}): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return `#/${path}${query === "" ? "" : `?${query}`}`;
}

/** Changes parameters of where the viewer is; a new entry of the history, so that Back undoes it. */
export function setParams(changed: Record<string, string | undefined>): void {
  const { path, params } = readRoute(location.hash);
  location.hash = href(path, { ...params, ...changed });
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return readRoute(hash);
}
