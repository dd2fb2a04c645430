import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/facts/redact.ts";
import { PATTERN_NAMES } from "../../src/lib/mask.ts";

const redactor = createRedactor({
  maxChars: 2000,
  redactKeys: ["password", "token", "api_key"],
  redactPatterns: [...PATTERN_NAMES],
  errorTexts: true,
});

function kept(value: unknown): unknown {
  return JSON.parse(redactor.value(value).json);
}

describe("redaction", () => {
  // contract §6: "Tool arguments and results, which the API does serve, pass a redactor first (nested keys too, whatever
  // their case)."
  it("replaces the values of keys, nested ones too, whatever their case", () => {
    const value = { PassWord: 1, list: [{ deep: { API_KEY: { whole: "structure" } } }], other: "kept" };
    expect(kept(value)).toEqual({
      PassWord: "[redacted]",
      list: [{ deep: { API_KEY: "[redacted]" } }],
      other: "kept",
    });
  });

  it("knows a key at the end of a longer one, with or without separators, and nothing else", () => {
    const value = { accessToken: 1, "x-api-key": 1, bot_token: 1, tokens: 5, token_count: 5, max_tokens: 5 };
    expect(kept(value)).toEqual({
      accessToken: "[redacted]",
      "x-api-key": "[redacted]",
      bot_token: "[redacted]",
      tokens: 5,
      token_count: 5,
      max_tokens: 5,
    });
  });

  // contract §4: "`args` and `result` JSON values (a string that holds JSON is parsed), redacted and cut as configured
  // (`truncated: true` then);"
  it("parses a string that holds JSON", () => {
    expect(kept('{"a": 1, "token": "t"}')).toEqual({ a: 1, token: "[redacted]" });
    expect(kept("42")).toBe(42);
    expect(kept("plain text")).toBe("plain text");
    expect(kept("{not json")).toBe("{not json");
  });

  it("reaches into JSON inside a string inside a structure, which stays a string", () => {
    expect(kept({ body: '{"token":"t","a":1}', text: '{"a": 1}' })).toEqual({
      body: '{"token":"[redacted]","a":1}',
      text: '{"a": 1}',
    });
  });

  it("hides in JSON that somebody cut before", () => {
    expect(kept('{"a": 1, "password" : "hunter2", "token": "abc')).toBe(
      '{"a": 1, "password" : "[redacted]", "token": "[redacted]"',
    );
    expect(kept('[{"token": {"inner": "secret"')).toBe('[{"token": "[redacted]"');
  });

  it("hides by pattern too: in texts, numbers, keys, and in JSON inside strings", () => {
    const value = {
      text: "写信给 a.b@example.com",
      phone: 13_800_138_000,
      at: 1_734_276_600_250,
      "c@example.com": 1,
      body: '{"mail":"a.b@example.com","password":"x"}',
    };
    expect(kept(value)).toEqual({
      text: "写信给 [redacted]",
      phone: "[redacted]",
      at: 1_734_276_600_250,
      "[redacted]": 1,
      body: '{"mail":"[redacted]","password":"[redacted]"}',
    });
    expect(kept("a.b@example.com")).toBe("[redacted]");
    expect(redactor.attributes({ "http.url": "https://u:p@host/?token=1", "gen_ai.prompt": "x" })).toBe(
      '{"http.url":"https://[redacted]@host/?token=[redacted]"}',
    );
  });

  it("hides in lines and texts of failures, and keeps no text of a failure where none is wanted", () => {
    expect(redactor.text("a.b@example.com wrote", 100)).toBe("[redacted] wrote");
    expect(redactor.errorText("401 for Bearer abcdef123456", 100)).toBe("401 for [redacted]");
    const silent = createRedactor({ maxChars: 100, redactKeys: [], redactPatterns: [], errorTexts: false });
    expect(silent.errorText("the prompt was refused: …", 100)).toBeUndefined();
    expect(silent.text("a line", 100)).toBe("a line");
  });

  it("cuts what is long, as valid JSON, and says so", () => {
    const { json, truncated } = redactor.value({ a: "x".repeat(5000), b: 1 });
    expect(truncated).toBe(true);
    expect(json.length).toBeLessThan(2100);
    expect(JSON.parse(json)).toHaveProperty("a");
    expect(redactor.value({ a: "x".repeat(1000) }).truncated).toBe(false);
  });

  it("never shows a secret, wherever it is put, whatever surrounds it", () => {
    const secret = "s3cr3t-value";
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
        fc.tuple(fc.constantFrom("Token", "my_password", "API-KEY"), tie("tree")).map(([key]) => ({ [key]: secret })),
        tie("tree").map((inner) => ({ text: JSON.stringify({ token: secret, inner }) })),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.boolean(), fc.nat(3000), (value, asText, cut) => {
        const text = JSON.stringify(value);
        const given = asText ? text.slice(0, Math.max(1, text.length - cut)) : value;
        expect(redactor.value(given).json).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("bounds", () => {
  it("any value becomes valid JSON of bounded size, and nothing throws", () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true }),
        (value) => {
          const { json } = redactor.value(value);
          expect(() => void JSON.parse(json)).not.toThrow();
          expect(json.length).toBeLessThan(2000 + 200);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("cyclic, deep, throwing and huge structures are finished soon", () => {
    const cyclic: Record<string, unknown> = { name: "a" };
    cyclic.self = cyclic;
    expect(kept(cyclic)).toEqual({ name: "a", self: "[circular]" });

    let deep: unknown = "bottom";
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(redactor.value(deep)).toMatchObject({ truncated: true });
    expect(redactor.value(deep).json).toContain("[deeper]");

    const throwing = {
      get secret(): never {
        throw new Error("no");
      },
      toString: null,
      ok: 1,
    };
    expect(kept(throwing)).toEqual({ secret: "[unreadable]", toString: null, ok: 1 });

    const empty = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, undefined]));
    expect(redactor.value(empty)).toMatchObject({ json: "{}", truncated: true });

    const started = performance.now();
    const huge = Array.from({ length: 1_000_000 }, () => ({ a: undefined }));
    expect(redactor.value(huge)).toMatchObject({ truncated: true });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("writes what JSON has no word for", () => {
    const value = { date: new Date(0), bytes: new Uint8Array(3), error: new TypeError("no"), big: 2n ** 70n, nan: NaN };
    expect(kept(value)).toEqual({
      date: "1970-01-01T00:00:00.000Z",
      bytes: "[3 bytes]",
      error: { name: "TypeError", message: "no" },
      big: "1180591620717411303424",
      nan: null,
    });
  });

  it("keeps equal what is in memory and what comes back from a disk", () => {
    const text = "\ud83d".repeat(3);
    const { json } = redactor.value({ text });
    expect(Buffer.from(json, "utf8").toString("utf8")).toBe(json);
  });
});
