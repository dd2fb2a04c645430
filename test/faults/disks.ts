// Disks of a test's own. Only root can mount them.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { temporary } from "../started/started.ts";

export const isRoot = process.getuid?.() === 0;
/** Whether a file can be mounted as a disk: not every container may. */
export const hasLoop = isRoot && spawnSync("losetup", ["-f"]).status === 0;

export interface Disk {
  folder: string;
  /** Takes the last byte of it. */
  fill(): void;
  /** Gives back what {@link Disk.fill} took. */
  makeRoom(): void;
  /** Nothing on it may be open. */
  makeReadOnly(): void;
  unmount(): void;
}

/** A disk in memory. */
export function createDisk(megabytes: number): Disk {
  const folder = temporary();
  run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder);
  return {
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
    makeReadOnly() {
      run("mount", "-o", "remount,ro", folder);
    },
    unmount() {
      spawnSync("umount", [folder]);
    },
  };
}

export interface BreakingDisk extends Pick<Disk, "folder" | "unmount"> {
  /** As the kernel does where the disk gives errors: what is open for writing stays open, and every write fails. */
  break(): void;
  /** After {@link Disk.unmount}: checked, and mounted again. */
  repair(): void;
}

/** A disk in a file. */
export function createBreakingDisk(): BreakingDisk {
  const folder = temporary();
  const image = join(temporary(), "disk");
  writeFileSync(image, "");
  truncateSync(image, 24 * 1024 * 1024);
  run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image);
  const mount = (): unknown => run("mount", "-o", "loop,errors=remount-ro", image, folder);
  mount();
  return {
    folder,
    break() {
      const device = run("losetup", "-j", image, "-n", "-O", "NAME").trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "1");
    },
    repair() {
      spawnSync("e2fsck", ["-fy", image]);
      mount();
    },
    unmount() {
      spawnSync("umount", [folder]);
    },
  };
}

/** @throws {Error} with the one line that says what the test needs, where the command fails */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const line = [command, ...args].join(" ");
  if (status !== 0) throw new Error(`this test mounts a disk of its own, as root, by \`${line}\`: ${stderr}`);
  return stdout;
}
