import { join } from "node:path";
import type { Settings } from "./config/settings.ts";
import { PSEUDONYM_KEY } from "./store/files.ts";
import { createPseudonyms, keptKey } from "./store/pseudonyms.ts";
import type { PrivacyOptions } from "./store/screen.ts";

/**
 * The privacy settings as the store takes them.
 *
 * @throws {BotelError} UNAVAILABLE where the key of the pseudonyms can be neither read nor made
 */
export function privacyOf({ privacy }: Pick<Settings, "privacy">, dataDir: string): PrivacyOptions {
  const { excludeUsers, excludeGroups, pseudonymise, pseudonymKey } = privacy;
  if (!pseudonymise) return { excludeUsers, excludeGroups };
  const key = pseudonymKey ?? keptKey(join(dataDir, PSEUDONYM_KEY));
  return { excludeUsers, excludeGroups, pseudonymOf: createPseudonyms(key) };
}
