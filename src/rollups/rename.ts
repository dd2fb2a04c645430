import type { OwnerKind } from "../contract/fact.ts";
import type { EncodedSlice } from "../contract/thread.ts";
import { FOLDS } from "./folds.ts";

/**
 * A stored slice with another id in the place of a user's or a group's.
 *
 * @param to an id that the slice does not have
 * @returns undefined where the slice is of a fold or version that is none of ours: nobody reads it any more
 */
export function renameOwner(slice: EncodedSlice, owner: OwnerKind, from: string, to: string): EncodedSlice | undefined {
  const fold = FOLDS.find(({ name, version }) => name === slice.fold && version === slice.version);
  if (fold === undefined) return undefined;
  const state = fold.decode(slice.state);
  fold.rename?.(state, owner, from, to);
  const selection = owner === "group" && slice.selection === from ? to : slice.selection;
  return { ...slice, selection, state: fold.encode(state) ?? slice.state };
}
