/** A trouble that is met again and again: one line when it begins, one when it is over. */
export interface Trouble {
  met(line: string): void;
  over(): void;
}

/** @param ended the line that says it is over; absent: its end is not told */
export function createTrouble(report: (line: string) => void, ended?: string): Trouble {
  let told: string | undefined;
  return {
    met(line) {
      if (told !== line) report(line);
      told = line;
    },
    over() {
      if (told !== undefined && ended !== undefined) report(ended);
      told = undefined;
    },
  };
}
