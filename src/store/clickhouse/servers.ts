import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import type { ClickHouseClient } from "@clickhouse/client";
import { BotelError } from "../../contract/errors.ts";
import { name } from "./literal.ts";
import type { Migrated } from "./migrations.ts";
import { readLine, type Value } from "./tsv.ts";

/** Where the cluster is and how to enter it. */
export interface ClusterSettings {
  /** A shard each; a list: its replicas. */
  urls: readonly (string | readonly string[])[];
  database: string;
  user: string;
  password: string;
}

/** One shard: servers that hold the same rows. */
export interface Shard {
  /** How it is called in what is said of it. */
  readonly url: string;
  /**
   * Rows of a SELECT without its FORMAT, a handful at a time, as they come.
   *
   * @param fields how many values a row has: what has others is no row, but the end of a server
   * @throws {BotelError} UNAVAILABLE where no replica answers
   */
  select(sql: string, fields: number): AsyncGenerator<Value[][], void, void>;
  /** All of them. */
  all(sql: string, fields: number): Promise<Value[][]>;
  /** @param lines each ends in a line break @throws {BotelError} UNAVAILABLE; it may be there all the same */
  insert(table: string, columns: readonly string[], lines: string): Promise<void>;
  /** Any other statement. @throws {BotelError} UNAVAILABLE */
  command(sql: string): Promise<void>;
  /** What migrations need, with the server's own errors; of each of its replicas. */
  readonly replicas: readonly Migrated[];
  close(): Promise<void>;
}

/** The longest that one statement may take, in ms. */
const PATIENCE_MS = 60_000;
/** A look-up of many facts by their keys is a long statement. */
const SETTINGS = { max_query_size: "67108864", max_ast_elements: "4000000", max_expanded_ast_elements: "4000000" };

/** One for each shard, in the order of the settings. Nothing is asked yet. */
export function openShards(settings: ClusterSettings): Shard[] {
  return settings.urls.map((urls) => openShard(typeof urls === "string" ? [urls] : urls, settings));
}

function openShard(urls: readonly string[], { user, password, database }: ClusterSettings): Shard {
  const servers = urls.map((url) => ({
    url,
    client: createClient({
      url,
      username: user,
      password,
      request_timeout: PATIENCE_MS,
      compression: { request: false, response: false },
      log: { level: ClickHouseLogLevel.OFF },
      application: "botel",
    }),
  }));
  let current = 0;

  /** Asks the replica that answered last; where it is away, the next one. */
  async function ask<Result>(work: (client: ClickHouseClient) => Promise<Result>): Promise<Result> {
    for (let tried = 1; ; tried += 1) {
      const { url, client } = servers[current % servers.length] as (typeof servers)[0];
      try {
        return await work(client);
      } catch (error) {
        current += 1;
        if (tried >= servers.length) throw unavailable(url, error);
      }
    }
  }

  async function* select(sql: string, fields: number): AsyncGenerator<Value[][], void, void> {
    const query = `${sql}\nFORMAT TabSeparated`;
    const { stream } = await ask((client) => client.exec({ query, clickhouse_settings: SETTINGS }));
    const decoder = new StringDecoder("utf8");
    let rest = "";
    try {
      for await (const chunk of stream) {
        const text = rest + decoder.write(chunk as Buffer);
        const end = text.lastIndexOf("\n") + 1;
        rest = text.slice(end);
        if (end > 0) yield rowsOf(text.slice(0, end - 1), fields);
      }
      if (rest !== "") throw new Error(rest);
    } catch (error) {
      throw unavailable(urls.join(", "), error);
    }
  }

  return {
    url: urls.join(", "),
    select,
    async all(sql, fields) {
      const rows: Value[][] = [];
      for await (const some of select(sql, fields)) for (const row of some) rows.push(row);
      return rows;
    },
    async insert(table, columns, lines) {
      const place = `${name(database)}.${name(table)} (${columns.join(", ")})`;
      await ask((client) => {
        // As a stream: of a statement the client cuts blanks and semicolons at the end.
        const values = Readable.from(lines, { objectMode: false });
        return client.insert({ table: place, values, format: "TabSeparated" });
      });
    },
    command: async (query) => void (await ask((client) => client.command({ query }))),
    replicas: servers.map(({ url, client }) => ({
      url,
      command: async (query) => void (await client.command({ query })),
      rows: async <Row>(query: string) => (await client.query({ query, format: "JSONEachRow" })).json<Row>(),
    })),
    close: async () => void (await Promise.all(servers.map(({ client }) => client.close()))),
  };
}

/** A server that fails amid its answer says so in the answer: where a row should be. */
function rowsOf(text: string, fields: number): Value[][] {
  return text.split("\n").map((line) => {
    const row = readLine(line);
    if (row.length !== fields) throw new Error(line);
    return row;
  });
}

/** @returns ClickHouse's and the network's errors as one that says which server it was. */
export function unavailable(url: string, error: unknown): BotelError {
  if (error instanceof BotelError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  const what =
    code === "ECONNREFUSED"
      ? "does not answer: start it, or wait"
      : `refused the work (${firstLine(message || String(error))})`;
  return new BotelError("UNAVAILABLE", `The ClickHouse server ${url} ${what}.`, { cause: error });
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300);
}
