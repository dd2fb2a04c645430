/** Runs a step of the instrument; whatever goes wrong in it (a foreign SDK's own error) is not the bot's trouble. */
export function quiet<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}
