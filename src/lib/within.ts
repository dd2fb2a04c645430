/** Waits for `work`, but not longer than `ms`. @returns whether it was done by then; what it throws counts as done */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  try {
    return await Promise.race([work.then(yes, yes), late]);
  } finally {
    clearTimeout(timer);
  }
}

function yes(): boolean {
  return true;
}
