import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createPseudonyms, keptKey } from "../../src/store/pseudonyms.ts";
import { batch, createWorld, day, log, message, NOW, request, tool } from "../store/world.ts";
import type { World } from "../store/world.ts";

const KEY = "a key of this test, long enough";
const RAW = { userId: "10001", userName: "Ann of Cleves", groupId: "777888", groupName: "Book club" };

let world: World;
afterEach(() => world.remove());

// issue 8: "or pseudonymised by a keyed hash"
describe("pseudonyms", () => {
  test("are stable, of a user and of a group with the same id two, under another key others", () => {
    world = createWorld();
    const [one, again, other] = [createPseudonyms(KEY), createPseudonyms(KEY), createPseudonyms(`${KEY}!`)];
    expect(one("user", "10001")).toBe(again("user", "10001"));
    expect(one("user", "10001")).toMatch(/^u-[0-9a-f]{32}$/);
    expect(one("group", "10001")).toMatch(/^g-[0-9a-f]{32}$/);
    const all = [one("user", "10001"), one("group", "10001"), one("user", "10002"), other("user", "10001")];
    expect(new Set(all.map((pseudonym) => pseudonym.slice(2))).size).toBe(4);
    // By hand: printf '%s' 'user:10001' | openssl dgst -sha256 -hmac 'a key of this test, long enough'
    expect(one("user", "10001")).toBe("u-131001975a4cca8d26017d4727807f3a");
  });

  test("stand in place of ids; names are nowhere, and joins go by them", () => {
    const pseudonymOf = createPseudonyms(KEY);
    world = createWorld({ privacy: { excludeUsers: [], excludeGroups: [], pseudonymOf } });
    const [userId, groupId] = [pseudonymOf("user", "10001"), pseudonymOf("group", "777888")];
    world.store.append([batch(request({ span: 2, parent: 1 }), message({ span: 1, ...RAW }))], NOW);
    world.store.append([batch(tool({ span: 3, parent: 1 }))], NOW);
    expect(world.fold(day())).toMatchObject([
      { kind: "request", userId, groupId },
      { kind: "message", userId, groupId },
      { kind: "tool", userId, groupId },
    ]);
    expect(world.reader.userNames([userId, "10001"]).size + world.reader.groupNames([groupId, "777888"]).size).toBe(0);
    for (const value of Object.values(RAW)) expect(onDisk(world.file)).not.toContain(value);
  });

  test("go into lines, attributes, arguments and errors too, where these name the fact's own user or group", () => {
    const pseudonymOf = createPseudonyms(KEY);
    world = createWorld({ privacy: { excludeUsers: [], excludeGroups: [], pseudonymOf } });
    const [user, group] = [pseudonymOf("user", "10001"), pseudonymOf("group", "777888")];
    const owner = { userId: RAW.userId, groupId: RAW.groupId };
    const meta = JSON.stringify({
      "user.id": 10001,
      "user.name": RAW.userName,
      nickname: RAW.userName,
      "bot.group.name": RAW.groupName,
      note: "for 10001",
      other: 100_012,
    });
    world.store.append(
      [
        batch(
          log({ n: 1, ...owner, message: "10001 wrote in 777888, not 100012", meta }),
          tool({ span: 3, ...owner, args: '{"to":10001,"list":["777888","x10001"]}', result: '"10001"' }),
          request({ span: 4, ...owner, failed: true, errorMessage: "user 10001 is banned", stack: "at 10001" }),
        ),
      ],
      NOW,
    );
    const [line] = world.reader.logs({ limit: 1 }).lines;
    expect(line?.message).toBe(`${user} wrote in ${group}, not 100012`);
    expect(JSON.parse(line?.meta ?? "")).toEqual({ note: `for ${user}`, other: 100_012 });
    const [call] = world.reader.toolLogs({ limit: 1 }).lines;
    expect(JSON.parse(call?.args ?? "")).toEqual({ to: user, list: [group, "x10001"] });
    expect(JSON.parse(call?.result ?? "")).toBe(user);
    const [item] = world.reader.errors({ limit: 1 }).lines;
    expect(item).toMatchObject({ error: `user ${user} is banned`, stack: `at ${user}` });
  });

  test("an excluded user is known by id and by pseudonym", () => {
    const pseudonymOf = createPseudonyms(KEY);
    const privacy = { excludeUsers: ["10001", pseudonymOf("user", "10002")], excludeGroups: [], pseudonymOf };
    world = createWorld({ privacy });
    const facts = [10_001, 10_002, 10_003].map((id) => message({ span: id, userId: String(id) }));
    world.store.append([batch(...facts)], NOW);
    expect(world.fold(day())).toMatchObject([{ userId: pseudonymOf("user", "10003") }]);
  });
});

describe("the key", () => {
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("is made once, random, for the eyes of botel's user only", () => {
    world = createWorld();
    folder = mkdtempSync(join(tmpdir(), "botel-key-"));
    const [file, other] = [join(folder, "a.key"), join(folder, "b.key")];
    const key = keptKey(file);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(keptKey(file)).toBe(key);
    expect(keptKey(other)).not.toBe(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is never made anew where it is damaged: pseudonyms would change without a word", () => {
    world = createWorld();
    folder = mkdtempSync(join(tmpdir(), "botel-key-"));
    const file = join(folder, "a.key");
    writeFileSync(file, "short\n");
    expect(() => keptKey(file)).toThrow(/a\.key, cannot be used: it is too short/);
    expect(readFileSync(file, "utf8")).toBe("short\n");
  });
});

function onDisk(file: string): string {
  return [file, `${file}-wal`].map((each) => readFileSync(each, "latin1")).join("");
}
