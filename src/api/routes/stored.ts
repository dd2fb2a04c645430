import { BotelError } from "../../contract/errors.ts";
import type { Answers, ApiDeps } from "../deps.ts";

/** @throws {BotelError} UNAVAILABLE while the store is not there */
export function stored(deps: ApiDeps): Answers {
  const answers = deps.answers();
  if (!answers) throw new BotelError("UNAVAILABLE", "The store is being opened; ask again in a second.");
  return answers;
}
