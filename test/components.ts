// What the tests need beyond npm: installed by Debian's packages where we are root, named in one line where not.
import { spawnSync } from "node:child_process";

const COMPONENTS = [
  { command: "promtool", debian: "prometheus" },
  { command: "curl", debian: "curl" },
  { command: "jsonnet", debian: "jsonnet" },
  { command: "chromium", debian: "chromium fonts-noto-cjk" },
  { command: "clickhouse-server", debian: "clickhouse-server" },
  { command: "/usr/share/zookeeper/bin/zkServer.sh", debian: "zookeeper" },
  { command: "faketime", debian: "faketime" },
  { command: "mkfs.ext4", debian: "e2fsprogs" },
];

/** @throws {Error} naming what to install, where it cannot be installed here */
export function installComponents(): void {
  const missing = COMPONENTS.filter(({ command }) => !found(command)).map(({ debian }) => debian);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !found("apt-get")) throw new Error(`the tests need more programs; as root: ${line}`);
  console.log(`installing ${missing.join(", ")} …`);
  run("apt-get update");
  run(line);
}

function found(command: string): boolean {
  // Debian keeps servers where only root's PATH looks.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  return spawnSync("sh", ["-c", `command -v ${command}`], { env }).status === 0;
}

function run(line: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8", env });
  if (status !== 0) throw new Error(`\`${line}\` failed:\n${stdout}${stderr}`);
}
