/** Parts of sentences that no test can hold yet, by the issue that makes them true. A test that quotes one takes it out. */
export const LATER: readonly { issue: number; part: string }[] = [{ issue: 5, part: "(`platforms` is an extra)" }];
