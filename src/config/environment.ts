/** The one place that reads the process's environment. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Tells the processes and threads that this one starts where its observer is, so that they start none. */
const OBSERVER = "BOTEL_OBSERVER";

/** @returns what the process that started this one said, if it has an observer */
export function observerOfParent(): string | undefined {
  return process.env[OBSERVER] || undefined;
}

/** @param url undefined: there is none (any more) */
export function tellChildren(url: string | undefined): void {
  if (url === undefined) delete process.env[OBSERVER];
  else process.env[OBSERVER] = url;
}
