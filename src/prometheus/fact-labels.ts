import { OTHER_ERROR } from "../contract/attributes.ts";
import { UNKNOWN } from "./labels.ts";

/** Values of labels in the order of a declaration, as the facts have them. */
export type RawLabels = readonly (string | undefined)[];

/** What facts and their folds both have of a request. */
interface Requested {
  operation: string;
  provider?: string;
  model: string;
  channel: string;
}

export function requestLabels({ operation, provider, model, channel }: Requested): RawLabels {
  return [operation, provider || UNKNOWN, model, channel];
}

/** `error_type` of a call; undefined where it succeeded. */
export function errorLabel({ failed, errorType }: { failed: boolean; errorType?: string }): string | undefined {
  return failed ? (errorType ?? OTHER_ERROR) : undefined;
}
