/** What a viewer chose for this browser; without a store it holds until the page is closed. */
export function readChoice(name: string): string | undefined {
  try {
    return localStorage.getItem(`botel.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined: as before any choice */
export function writeChoice(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`botel.${name}`);
    else localStorage.setItem(`botel.${name}`, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}
