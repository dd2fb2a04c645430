// Disks of a test's own: files that hold a file system. Only root can mount them.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { temporary } from "../started/started.ts";

export const isRoot = process.getuid?.() === 0;

export interface Disk {
  folder: string;
  /** Takes the last byte of it. */
  fill(): void;
  /** Gives back what {@link Disk.fill} took. */
  makeRoom(): void;
  /** As the kernel does where the disk gives errors: what is open for writing stays open, and every write fails. */
  failWrites(): void;
  unmount(): void;
  /** Whole and writable again, as after a repair. */
  mount(options?: string): void;
}

export function createDisk(megabytes: number): Disk {
  const folder = temporary();
  const image = join(temporary(), "disk");
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1024 * 1024);
  run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image);
  const disk: Disk = {
    folder,
    fill() {
      for (let size = 1 << 20; size >= 512; size >>= 1) {
        try {
          for (;;) writeFileSync(join(folder, `fill-${readdirSync(folder).length}`), Buffer.alloc(size));
        } catch {
          // Half of it may still fit.
        }
      }
    },
    makeRoom() {
      for (const name of readdirSync(folder)) if (name.startsWith("fill-")) rmSync(join(folder, name));
    },
    failWrites() {
      const device = run("losetup", "-j", image, "-n", "-O", "NAME").trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "1");
    },
    unmount() {
      spawnSync("umount", [folder]);
    },
    mount(options = "rw") {
      spawnSync("e2fsck", ["-fy", image]);
      run("mount", "-o", `loop,errors=remount-ro,${options}`, image, folder);
    },
  };
  disk.mount();
  return disk;
}

/** @throws {Error} with the one line that says what the test needs, where the command fails */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const line = [command, ...args].join(" ");
  if (status !== 0) throw new Error(`this test mounts a disk of its own, as root, by \`${line}\`: ${stderr}`);
  return stdout;
}
