import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { name } from "../../src/store/clickhouse/literal.ts";
import { migrate, versionOf, type Migrated } from "../../src/store/clickhouse/migrations.ts";
import { ddl, STEPS, type Layout, type Step } from "../../src/store/clickhouse/schema.ts";
import { startCluster, type Cluster, type Server } from "./clickhouse.ts";

const NOW = Date.UTC(2026, 10, 25);
let cluster: Cluster;
let servers: Migrated[];
let layout: Layout;
let made = 0;

beforeAll(async () => {
  cluster = await startCluster(2);
  servers = cluster.servers.map(migrated);
}, 60_000);
afterAll(() => cluster.stop());
beforeEach(() => {
  made += 1;
  layout = { database: `botel_${made}`, replicated: false, cluster: "botel" };
});

function migrated(server: Server): Migrated {
  return {
    url: server.url,
    command: async (sql) => void (await server.run(sql)),
    rows: async <Row>(sql: string) => (JSON.parse(await server.run(`${sql} FORMAT JSON`)) as { data: Row[] }).data,
  };
}

/** Every table with its columns, engine and order, as the server tells them. */
async function tables(server: Migrated): Promise<string[]> {
  const where = `database = '${layout.database}'`;
  const columns = `SELECT table, name, type FROM system.columns WHERE ${where} ORDER BY table, name`;
  const engines = `SELECT name, engine, sorting_key FROM system.tables WHERE ${where} ORDER BY name`;
  return [...(await server.rows(columns)), ...(await server.rows(engines))].map((row) => JSON.stringify(row));
}

describe("migrations bring every version to the newest", () => {
  test.for(STEPS.map((_, version) => version))("from version %i", async (version) => {
    await migrate(servers, layout, NOW, STEPS.slice(0, version));
    const done = await migrate(servers, layout, NOW);
    expect(done).toEqual(servers.map(({ url }) => ({ url, from: version, to: STEPS.length })));
    const migratedTables = await Promise.all(servers.map(tables));

    layout = { ...layout, database: `${layout.database}_new` };
    for (const server of servers) for (const sql of ddl(layout)) await server.command(sql);
    expect(migratedTables).toEqual(await Promise.all(servers.map(tables)));
  });

  test("again changes nothing", async () => {
    await migrate(servers, layout, NOW);
    const before = await tables(servers[0]!);
    const done = await migrate(servers, layout, NOW);
    expect(done.map(({ from, to }) => [from, to])).toEqual(servers.map(() => [STEPS.length, STEPS.length]));
    expect(await tables(servers[0]!)).toEqual(before);
  });

  test("three instances that start at the same time make one set of tables", async () => {
    await Promise.all([1, 2, 3].map(() => migrate(servers, layout, NOW, [...STEPS, addColumn])));
    for (const server of servers) {
      expect(await versionOf(server, layout.database)).toBe(STEPS.length + 1);
      expect((await tables(server)).filter((line) => line.includes("mood"))).toHaveLength(1);
    }
  });

  test("what was stopped halfway is finished, and what was stored is still there", async () => {
    await migrate(servers, layout, NOW);
    const [server] = servers as [Migrated];
    await server.command(`INSERT INTO ${name(layout.database)}.names (kind, id, time, name) VALUES (1, 'u', 5, 'Ada')`);
    const broken: Step = (made) => [...addColumn(made), "SELECT no_such_function()"];
    await expect(migrate(servers, layout, NOW, [...STEPS, broken])).rejects.toThrow(/no_such_function/);
    expect(await versionOf(server, layout.database)).toBe(STEPS.length);

    await migrate(servers, layout, NOW, [...STEPS, addColumn]);
    const rows = await server.rows(`SELECT id, name, mood FROM ${name(layout.database)}.names`);
    expect(rows).toEqual([{ id: "u", name: "Ada", mood: "" }]);
  });

  test("one that a newer botel made is refused", async () => {
    await migrate(servers, layout, NOW, [...STEPS, addColumn]);
    await expect(migrate(servers, layout, NOW)).rejects.toThrow(/has schema version \d+, this botel knows up to/);
  });
});

/** What a later version may do. */
const addColumn: Step = ({ database }) => [`ALTER TABLE ${name(database)}.names ADD COLUMN mood String`];

test("with `replicated` every engine is a replicated one, by the macros of the server", () => {
  const statements = ddl({ database: "botel", replicated: true });
  const engines = statements.filter((sql) => sql.includes("ENGINE")).map((sql) => /ENGINE = (.*)/.exec(sql)![1]!);
  expect(engines.length).toBeGreaterThan(5);
  for (const engine of engines)
    expect(engine).toMatch(/^Replicated(Replacing)?MergeTree\('\/clickhouse\/tables\/\{shard\}\/botel\//);
});
