import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../started/port.ts";
import { until } from "../started/until.ts";

/** Debian's ZooKeeper on loopback, alone. */
export interface ZooKeeper {
  port: number;
  stop(): Promise<void>;
}

export async function startZooKeeper(): Promise<ZooKeeper> {
  const folder = mkdtempSync(join(tmpdir(), "botel-zookeeper-"));
  const port = await freePort();
  const settings = { tickTime: 500, dataDir: join(folder, "data"), clientPort: port, clientPortAddress: "127.0.0.1" };
  const lines = Object.entries({ ...settings, "admin.enableServer": false }).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(folder, "zoo.cfg"), lines.join("\n"));
  writeFileSync(join(folder, "log4j.properties"), "log4j.rootLogger=OFF\n");
  const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
  const args = ["-Xmx128m", "-cp", `${folder}:/usr/share/java/*`, main, join(folder, "zoo.cfg")];
  const child = spawn("java", args, { stdio: "ignore" });
  await until(
    () => answers(port),
    (does) => (does ? undefined : `ZooKeeper does not answer; exit code ${child.exitCode}`),
    60_000,
  );
  return {
    port,
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await exit;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
