import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createParser, type ServerEvent } from "../../src/web/live/parse.ts";
import { href, readRoute } from "../../src/web/route.ts";
import { toCsv } from "../../src/web/show/csv.ts";
import { createFormat, exactUtc } from "../../src/web/show/format.ts";
import { changeOf } from "../../src/web/views/stats/compare.ts";
import { en } from "../../src/web/words/en.ts";
import { createViewer } from "../../src/web/words/viewer.ts";
import { zh } from "../../src/web/words/zh.ts";

describe("a stream of events", () => {
  test("is read the same, wherever it is cut", () => {
    const text =
      ': hi\n\nid: a-1\nevent: metric\ndata: {"a":1}\n\nid: a-1\r\ndata: x\r\ndata:y\r\n\r\nretry: 3000\n\ndata\n\n';
    const whole: ServerEvent[] = [
      { id: "a-1", name: "metric", data: '{"a":1}' },
      { id: "a-1", name: undefined, data: "x\ny" },
      { id: "a-1", name: undefined, data: "" },
    ];
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const events: ServerEvent[] = [];
        const take = createParser((event) => events.push(event));
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        for (let i = 1; i < at.length; i += 1) take(text.slice(at[i - 1], at[i]));
        expect(events).toEqual(whole);
      }),
    );
  });

  test("a line without end is given up", () => {
    const events: ServerEvent[] = [];
    const take = createParser((event) => events.push(event), 100);
    for (let i = 0; i < 50; i += 1) take("data: ".padEnd(50, "x"));
    take("\n\ndata: next\n\n");
    expect(events.at(-1)?.data).toBe("next");
  });
});

describe("CSV", () => {
  test("quotes what must be, names first; null is empty, what is nested is JSON", () => {
    expect(
      toCsv([
        { name: 'a "b"', n: 1, at: null },
        { name: "x,\ny", n: -2, more: { k: [1] } },
      ]),
    ).toBe('name,n,at,more\r\n"a ""b""",1,,\r\n"x,\ny",-2,,"{""k"":[1]}"\r\n');
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])("%j does not run in a spreadsheet", (name) => {
    expect(toCsv([{ name }]).split("\r\n")[1]).toBe(`'${name}`);
  });
});

describe("the address", () => {
  test("holds path and parameters, empty ones left out, and is read back", () => {
    expect(href("logs/tools", { toolName: "a b&c", userId: undefined, status: "" })).toBe(
      "#/logs/tools?toolName=a+b%26c",
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (params) => {
        const { path, params: read } = readRoute(href("stats", params));
        expect([path, { ...read }]).toEqual(["stats", { ...params }]);
      }),
    );
    expect(readRoute("")).toEqual({ path: "", params: {} });
    expect(readRoute("#/trace/abc/")).toEqual({ path: "trace/abc", params: {} });
  });
});

describe("numbers and times", () => {
  const format = createFormat("en-GB");

  test.each([
    [0, "0ms"],
    [999.4, "999ms"],
    [1930, "1.93s"],
    [12_340, "12.3s"],
    [123_000, "2m 3s"],
    [3 * 3_600_000 + 240_000, "3h 4m"],
    [2 * 86_400_000, "2d"],
  ])("%d ms are %s", (ms, text) => {
    expect(format.duration(ms)).toBe(text);
  });

  test("are written as the viewer's locale has them", () => {
    const de = createFormat("de-DE");
    expect(de.count(1_234_567)).toBe("1.234.567");
    expect(de.percent(0.975).replace(/\s/, " ")).toBe("97,5 %");
    expect(format.bytes(291_147_776)).toBe("291.1 MB");
    expect(format.bytes(0)).toBe("0 byte");
    expect(createFormat("zh-CN").duration(1930)).toBe("1.93秒");
  });

  test("a calendar day is the same in every zone, and UTC is exact", () => {
    expect(format.day("2026-11-24")).toBe("24 Nov 2026");
    expect(exactUtc("2026-11-24T22:36:54.188Z")).toBe("2026-11-24 22:36:54.188 UTC");
  });
});

describe("the viewer's language", () => {
  test.each([
    [["zh-TW", "en"], undefined, "zh", "zh-TW"],
    [["de-DE", "fr"], undefined, "en", "de-DE"],
    [["de-DE", "zh-CN"], undefined, "zh", "de-DE"],
    [["en-US"], "zh", "zh", "zh-CN"],
    [["zh-HK"], "zh", "zh", "zh-HK"],
    [[], undefined, "en", "en"],
  ] as const)("of %j with %s chosen: words %s, numbers %s", (preferred, chosen, language, locale) => {
    const viewer = createViewer(preferred, chosen);
    expect([viewer.language, viewer.format.locale]).toEqual([language, locale]);
  });

  test("nothing is left in English in Chinese but names", () => {
    const same = leaves(en).filter(([path, text]) => text === leaves(zh).find(([other]) => other === path)?.[1]);
    expect(same.map(([path]) => path).toSorted()).toEqual(["footer.openapi", "table.csv", "table.json"]);
  });
});

function leaves(of: object, path = ""): [string, string][] {
  return Object.entries(of).flatMap(([name, value]: [string, unknown]) => {
    const at = path === "" ? name : `${path}.${name}`;
    if (typeof value === "string") return [[at, value]];
    return typeof value === "object" && value !== null ? leaves(value, at) : [];
  });
}

describe("the change against the period before", () => {
  const day = (messages: number) => ({ date: "2026-11-24", messages, responses: 0, toolCalls: 0, tokens: 0 });
  const daily = [...Array.from({ length: 7 }, () => day(10)), ...Array.from({ length: 7 }, () => day(15))];

  test("is a share of that period's total", () => {
    expect(changeOf(daily, "week", "messages")).toBe(0.5);
    expect(changeOf([day(4), day(3)], "day", "messages")).toBe(-0.25);
  });

  test("is not told where there is no whole period before, or nothing in it", () => {
    expect(changeOf(daily.slice(1), "week", "messages")).toBeUndefined();
    expect(changeOf(daily, "all", "messages")).toBeUndefined();
    expect(changeOf([day(0), day(3)], "day", "messages")).toBeUndefined();
  });
});
