import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../grafana/prometheus.ts";
import { until } from "../started/until.ts";

/** Debian's ClickHouse on loopback, with a configuration and data of its own. */
export interface Server {
  /** Of its HTTP interface; ends in no slash. */
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  /** What it wrote to its log. */
  log(): string;
  /** A statement as a person would send it. @throws {Error} with what the server says */
  run(sql: string): Promise<string>;
  /** Ends it at once (SIGKILL), as a machine that loses its power. */
  kill(): Promise<void>;
  /** Starts it again, on the same ports and data. */
  start(): Promise<void>;
}

/** Servers that know each other as the shards of one cluster, named `botel`. */
export interface Cluster {
  servers: Server[];
  urls: string[];
  /** Ends all and removes their data. */
  stop(): Promise<void>;
}

interface Ports {
  http: number;
  tcp: number;
  interserver: number;
}

/** @param shards how many servers; each starts within a second */
export function startCluster(shards = 2): Promise<Cluster> {
  return startServers(shards, (all) => {
    const each = all.map((ports) => `<shard>${replicaAt(ports)}</shard>`);
    return () => remoteServers(each.join(""));
  });
}

/** One shard of so many replicas, which hear of each other by a ZooKeeper. @param zooKeeper its port */
export function startReplicas(replicas: number, zooKeeper: number): Promise<Cluster> {
  const keeper = `<zookeeper><node><host>127.0.0.1</host><port>${zooKeeper}</port></node></zookeeper>`;
  return startServers(replicas, (all) => {
    const shard = remoteServers(`<shard>${all.map(replicaAt).join("")}</shard>`);
    return (n) => `${shard}${keeper}<macros><shard>1</shard><replica>${n + 1}</replica></macros>`;
  });
}

function replicaAt({ tcp }: Ports): string {
  return `<replica><host>127.0.0.1</host><port>${tcp}</port></replica>`;
}

function remoteServers(shards: string): string {
  return `<remote_servers><botel>${shards}</botel></remote_servers>`;
}

/** @param topology what each of them is told of all */
async function startServers(
  count: number,
  topology: (all: readonly Ports[]) => (n: number) => string,
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "botel-clickhouse-"));
  const ports: Ports[] = [];
  for (let n = 0; n < count; n += 1) {
    ports.push({ http: await freePort(), tcp: await freePort(), interserver: await freePort() });
  }
  const told = topology(ports);
  const servers = ports.map((own, n) => createServer(join(folder, `server-${n + 1}`), own, told(n)));
  await Promise.all(servers.map((server) => server.start()));
  return {
    servers,
    urls: servers.map(({ url }) => url),
    async stop() {
      await Promise.all(servers.map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function createServer(folder: string, ports: Ports, topology: string): Server {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "users.xml"), USERS);
  writeFileSync(join(folder, "config.xml"), configuration(folder, ports, topology));
  const url = `http://127.0.0.1:${ports.http}`;
  const logFile = join(folder, "server.log");
  let child: ChildProcess | undefined;
  // A test that fails badly must not leave it running.
  process.once("exit", () => child?.kill("SIGKILL"));

  const log = (): string => readFileSync(logFile, "utf8");
  return {
    url,
    get pid() {
      return child?.pid;
    },
    log,
    async run(sql) {
      const answer = await fetch(url, { method: "POST", body: sql, signal: AbortSignal.timeout(60_000) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text;
    },
    async start() {
      const started = spawn("clickhouse-server", [`--config-file=${join(folder, "config.xml")}`], {
        stdio: "ignore",
        env: { PATH: `${process.env.PATH}:/usr/sbin` },
      });
      child = started;
      await until(
        async () => (await fetch(`${url}/ping`)).text(),
        (answer) => {
          if (started.exitCode !== null) return `it ended with ${started.exitCode}: ${log().slice(-2000)}`;
          return answer.startsWith("Ok") ? undefined : answer;
        },
        60_000,
      );
    },
    async kill() {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      const exit = once(ended, "exit");
      ended.kill("SIGKILL");
      await exit;
    },
  };
}

function configuration(folder: string, { http, tcp, interserver }: Ports, topology: string): string {
  return `<yandex>
  <logger><level>warning</level><log>${folder}/server.log</log><errorlog>${folder}/errors.log</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${tcp}</tcp_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <interserver_http_port>${interserver}</interserver_http_port>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <user_files_path>${folder}/files/</user_files_path>
  <format_schema_path>${folder}/formats/</format_schema_path>
  <mark_cache_size>67108864</mark_cache_size>
  <keep_alive_timeout>600</keep_alive_timeout>
  <timezone>UTC</timezone>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  ${topology}
</yandex>
`;
}

const USERS = `<yandex>
  <profiles><default></default></profiles>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</yandex>
`;
