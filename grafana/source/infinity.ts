import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";

/** The plug-in that reads JSON over HTTP; its data source has botel's address. */
export const INFINITY = "yesoreyeram-infinity-datasource";

export interface InfinityColumn {
  /** Path in a row, with dots. */
  selector: string;
  text: string;
  type: "string" | "number" | "timestamp";
}

/** A query of the Infinity plug-in: one GET of botel's API, whose rows become a table. */
export class InfinityQuery implements Builder<Dataquery> {
  readonly #path: string;
  readonly #root: string;
  readonly #columns: readonly InfinityColumn[];

  /** @param path below botel's address, with Grafana's variables; @param root path of the rows in the answer */
  constructor(path: string, root: string, columns: readonly InfinityColumn[]) {
    this.#path = path;
    this.#root = root;
    this.#columns = columns;
  }

  build(): Dataquery {
    const query = {
      refId: "A",
      datasource: { type: INFINITY, uid: "$datasource" },
      type: "json",
      source: "url",
      format: "table",
      parser: "backend",
      url: this.#path,
      url_options: { method: "GET", data: "" },
      root_selector: this.#root,
      columns: this.#columns,
      filters: [],
    };
    return query as unknown as Dataquery;
  }
}
