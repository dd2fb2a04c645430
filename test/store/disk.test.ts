import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NEW } from "../../src/contract/fact.ts";
import { BotelError } from "../../src/contract/errors.ts";
import { openReader } from "../../src/store/sqlite/reader.ts";
import { batch, createWorld, day, message, NOW, request, tool, trace } from "./world.ts";
import type { World } from "./world.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "botel-disk-"))));
afterEach(() => {
  spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
});

function unavailable(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(BotelError);
    expect((error as BotelError).code).toBe("UNAVAILABLE");
    return (error as BotelError).message;
  }
  throw new Error("nothing was thrown");
}

const isRoot = process.getuid?.() === 0;

/** Fills the disk to the last byte. */
function fill(): void {
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    try {
      for (;;) writeFileSync(join(folder, `fill-${readdirSync(folder).length}`), Buffer.alloc(size));
    } catch {
      // Half of it may still fit.
    }
  }
}

function makeRoom(): void {
  for (const name of readdirSync(folder)) if (name.startsWith("fill-")) rmSync(join(folder, name));
}

test.runIf(isRoot)(
  "a full disk: nothing is stored or remembered, reads go on, and all goes on when there is room again",
  () => {
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]).status).toBe(0);
    const world: World = createWorld({ file: folder });
    try {
      world.store.append([batch(request({ span: 2, parent: 1 }))], NOW);
      world.close(day());
      fill();
      const text = "x".repeat(2000);
      const later = Array.from({ length: 2000 }, (_, n) =>
        tool({ span: n + 10, trace: trace(n), args: `"${text}"`, userId: `u${n}`, userName: text }),
      );
      const owner = message({ span: 1, userId: "u", userName: "Ann" });
      const before = world.store.health();
      expect(unavailable(() => world.store.append([batch(owner, ...later)], NOW))).toContain("full");
      expect(unavailable(() => world.store.append([batch(owner, ...later)], NOW))).toContain("full");
      expect({ ...world.store.health(), bytes: 0 }).toEqual({ ...before, bytes: 0 });
      expect(world.store.commit).toBe(1);
      expect(world.reader.days()).toMatchObject([{ day: day(), closed: true }]);
      expect(world.reader.toolLogs({ limit: 9 }).lines).toEqual([]);
      expect(world.fold(day())).toMatchObject([{ row: 1, userId: null }]);

      makeRoom();
      const { changes, commit } = world.store.append([batch(owner, ...later.slice(0, 20))], NOW);
      expect(commit).toBe(2);
      expect(changes.map(({ fact, before: bits }) => [fact.row, bits, fact.userId]).slice(-2)).toEqual([
        [22, NEW, "u19"],
        [1, 0, "u"],
      ]);
      expect(world.reader.userNames(["u"])).toEqual(new Map([["u", "Ann"]]));
      expect(world.store.openDays()).toEqual([day()]);
    } finally {
      world.remove();
    }
  },
);

describe("a file that cannot be opened says what to do", () => {
  const at = (name: string) => join(folder, name);

  test("no folder", () => {
    expect(unavailable(() => createWorld({ file: at("missing") }))).toMatch(/check that its folder exists/);
    expect(unavailable(() => openReader(at("missing.db")))).toContain(at("missing.db"));
  });

  test("no database", () => {
    writeFileSync(at("facts.db"), "a letter home, and not a short one: ".repeat(40));
    expect(unavailable(() => createWorld({ file: folder }))).toMatch(/is no SQLite database/);
  });

  test("a folder in its place", () => {
    mkdirSync(at("facts.db"));
    expect(unavailable(() => createWorld({ file: folder }))).toContain("cannot be opened");
  });

  test("written by a newer botel", () => {
    const db = new DatabaseSync(at("facts.db"));
    db.exec("PRAGMA user_version = 9999");
    db.close();
    expect(unavailable(() => createWorld({ file: folder }))).toMatch(/schema version 9999.*newer/);
  });

  test("damaged while it is open", () => {
    const world = createWorld({ file: folder });
    try {
      world.store.append(
        [batch(...Array.from({ length: 800 }, (_, n) => request({ span: n + 1, trace: trace(n) })))],
        NOW,
      );
      world.restart();
      expect(statSync(world.file).size).toBeGreaterThan(20_000);
      truncateSync(world.file, 8192);
      expect(unavailable(() => world.reader.errors({ limit: 10 }))).toMatch(/damaged|check the disk/);
    } finally {
      world.remove();
    }
    expect(existsSync(world.file)).toBe(true);
  });
});

// contract §4: "`latency` in ms of a real write and read of the store"
test("a probe is a real write and read of the store", () => {
  const world = createWorld();
  const db = new DatabaseSync(world.file, { readOnly: true });
  try {
    const written = () => db.prepare("SELECT value FROM meta WHERE name = 'probe'").get()?.["value"];
    expect([world.store.probe(), written(), world.store.probe(), written()]).toEqual([1, 1, 1, 2]);
  } finally {
    db.close();
    world.remove();
  }
});
