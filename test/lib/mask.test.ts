import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMask, maskStart, PATTERN_NAMES } from "../../src/lib/mask.ts";

const mask = createMask(PATTERN_NAMES, ["password", "access_token", "token"]);

/** Made up, all of them; cut apart so that no scanner of repositories takes them for real. */
const SECRETS: Record<string, string> = {
  openai: ["sk-proj", "-abcDEF0123456789xyz"].join(""),
  stripe: ["sk_live", "_0123456789abcdef"].join(""),
  github: ["ghp", "_0123456789abcdefghijABCDEFGHIJ012345"].join(""),
  slack: ["xoxb", "-1234567890-abcdefghij"].join(""),
  google: ["AIza", "SyA0123456789abcdefghijABCDEFGHIJ01"].join(""),
  aws: ["AKIA", "IOSFODNN7EXAMPLE"].join(""),
  bearer: "Bearer abc.DEF-123_456",
  jwt: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
  privateKey: "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
  cutKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA",
  email: "first.last+tag@mail.example.com",
  mobile: "13800138000",
  mobileApart: "138-0013-8000",
  mobileAbroad: "+86 138 0013 8000",
  international: "+1 (415) 555-2671",
  idCard: "11010519491231002X",
  visa: "4111 1111 1111 1111",
  unionPay: "6212345678901232",
};

describe("what a mask hides", () => {
  it.each(Object.entries(SECRETS))("%s, in any surroundings", (_, secret) => {
    for (const [before, after] of [
      ["", ""],
      ["电话：", "。谢谢"],
      ["(", ")"],
      ['{"a":"', '"}'],
      ["see ", " now"],
    ] as const) {
      // What began a key that has no end goes on to the end of the text.
      const expected = secret.includes("OPENSSH") ? "" : after;
      expect(mask(before + secret + after)).toBe(`${before}[redacted]${expected}`);
    }
  });

  it("values of keys in URLs and environments, and a URL's password", () => {
    expect(mask("GET https://host/x?access_token=abc&page=2")).toBe(
      "GET https://host/x?access_token=[redacted]&page=2",
    );
    expect(mask("DB_PASSWORD=hunter2 HOME=/root")).toBe("DB_PASSWORD=[redacted] HOME=/root");
    expect(mask("redis://user:hunter2@cache:6379")).toBe("redis://[redacted]@cache:6379");
  });

  it("nothing else: numbers, times, ids, versions, words", () => {
    for (const text of [
      "1734276600250",
      "1734276600250000000",
      "group 987654321, user 1234567890",
      "0.13800138000",
      "id a13800138000b",
      "0af7651916cd43dd8448eb211c80319c",
      "6f1d1c2e-7c0b-4f0a-9d53-c3a4a1f7b802",
      "node_modules/.pnpm/koa@3.0.1/node_modules/koa/index.js:12:5",
      "max_tokens=500 tokens=3",
      "the bearer information is missing",
      "4111 1111 1111 1112",
      "a task-force of sk-learn",
      "2024-12-15T15:30:00.250Z",
      "http://127.0.0.1:3000/api?limit=20",
    ]) {
      expect(mask(text)).toBe(text);
    }
  });

  it("a part of its patterns where only those are asked for", () => {
    const emails = createMask(["emails"], []);
    expect(emails("a@b.com 13800138000 token=1")).toBe("[redacted] 13800138000 token=1");
    expect(createMask([], [])("a@b.com")).toBe("a@b.com");
  });
});

describe("the time that a mask takes", () => {
  it("grows with the text alone: 1 MB of anything that begins like a secret", () => {
    const beginnings = Object.values(SECRETS).flatMap((secret) => [
      secret,
      secret.slice(0, -1),
      secret.slice(0, secret.length >> 1),
      secret.slice(0, 3),
      `${secret.slice(0, -1)} `,
    ]);
    const others = [
      "a",
      "@",
      "a@",
      "a.",
      "a.b@",
      "+1 ",
      "1",
      "(1",
      "1-",
      "://a:",
      "://",
      "token=",
      "token",
      "a-",
      "BEGIN ",
    ];
    for (const beginning of [...beginnings, ...others]) {
      const text = beginning.repeat(Math.ceil(1_000_000 / beginning.length));
      const began = performance.now();
      mask(text);
      // A search that goes over the text once takes some 10 ms; one that goes back, minutes.
      expect(performance.now() - began, JSON.stringify(beginning)).toBeLessThan(10_000);
    }
  });

  it("does not grow with what is not kept of a text", () => {
    const looked: number[] = [];
    const spy = (text: string): string => (looked.push(text.length), text);
    maskStart("x".repeat(10_000_000), 4096, spy);
    expect(looked).toEqual([4096 + 512]);
  });
});

describe("a text that is cut", () => {
  it("shows no part of a secret that the cut goes through", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(SECRETS)),
        fc.string({ maxLength: 200 }).map((text) => text.replaceAll(/[\w.@+-]/g, " ")),
        fc.nat(300),
        (secret, before, max) => {
          const text = `${before} ${secret} ${"tail ".repeat(300)}`;
          const kept = maskStart(text, max, mask).slice(0, max);
          expect(kept).not.toContain(secret.slice(0, 12));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
