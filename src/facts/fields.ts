import { ATTRIBUTES } from "../contract/attributes.ts";
import type { Field } from "../contract/attributes.ts";
import type { Attributes, AttributeValue } from "../contract/span.ts";

/** Attributes by what they mean, whichever of its names the sender used. Empty texts are absent. */
export type Fields = { [F in Field]?: AttributeValue };

interface Place {
  field: Field;
  /** 0: the first name of the row. */
  rank: number;
}

const PLACES: ReadonlyMap<string, Place> = new Map(
  Object.entries(ATTRIBUTES).flatMap(([field, names]) =>
    names.map((name, rank) => [name, { field: field as Field, rank }] as const),
  ),
);

/** One pass over the attributes: its cost grows with them, not with the table. */
export function fieldsOf(attributes: Attributes): Fields {
  const fields: Fields = {};
  let older: [Place, AttributeValue][] | undefined;
  for (const name in attributes) {
    const place = PLACES.get(name);
    if (place === undefined) continue;
    const value = attributes[name];
    if (value === undefined || value === null || value === "") continue;
    if (place.rank === 0) fields[place.field] = value;
    else (older ??= []).push([place, value]);
  }
  if (older !== undefined) {
    for (const [{ field }, value] of older.sort(([a], [b]) => a.rank - b.rank)) fields[field] ??= value;
  }
  return fields;
}
