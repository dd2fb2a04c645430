/** Sentences that no test can hold yet, by the issue that makes them true. A test that quotes one takes it out. */
export const LATER: readonly { issue: number; starts: string }[] = [];
