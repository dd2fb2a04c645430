import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { errors } from "./errors.ts";
import { itself } from "./itself.ts";
import { models } from "./models.ts";
import { overview } from "./overview.ts";
import { people } from "./people.ts";
import { tools } from "./tools.ts";

/** Every dashboard, by the name of its file. */
export function dashboards(): Map<string, Dashboard> {
  const all = [overview(), models(), tools(), errors(), itself(), people()];
  return new Map(all.map((board) => [`${board.uid}.json`, board]));
}
