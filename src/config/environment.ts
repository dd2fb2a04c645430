/** The one place that reads the process's environment. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Tells the processes and threads that this one starts where its observer is, so that they start none. */
const OBSERVER = "BOTEL_OBSERVER";

/** @returns where the observer of the process is that started this one, while that lives */
export function observerOfParent(): string | undefined {
  const [url, pid] = (process.env[OBSERVER] ?? "").split("#");
  return url && (pid === undefined || isAlive(Number(pid))) ? url : undefined;
}

/** @param url undefined: there is none (any more) */
export function tellChildren(url: string | undefined): void {
  if (url === undefined) delete process.env[OBSERVER];
  else process.env[OBSERVER] = `${url}#${process.pid}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
