import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/bot/tools/expression.ts";
import { BUILT_IN, createToolbox } from "../../src/bot/tools/toolbox.ts";
import { createRandom } from "../../src/demo/random.ts";
import { createRecorder } from "./recorder.ts";

const OPERATORS: [string, (a: number, b: number) => number][] = [
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
];
const AT = Date.UTC(2026, 10, 24, 21, 30, 5);

function run(name: string, args: Record<string, unknown>): unknown {
  const tool = BUILT_IN.find((tool) => tool.name === name);
  return tool?.run(args, { clock: { now: () => AT }, random: createRandom(7).next });
}

describe("calculate", () => {
  test.each([
    ["2 + 3 * 4", 14],
    ["(2 + 3) * 4", 20],
    ["2 ^ 3 ^ 2", 512],
    ["-2 ^ 2", -4],
    ["2 ^ -1", 0.5],
    ["10 - 4 - 3", 3],
    ["7 % 4", 3],
    ["sqrt(16) + ABS(-2)", 6],
    ["0.1 + 0.2", 0.3],
    [".5 × 4 ÷ 2", 1],
    ["round(pi)", 3],
    ["- - 3", 3],
  ])("%s = %d", (expression, value) => {
    expect(evaluate(expression)).toBe(value);
  });

  test.each([
    ["", "ends too early"],
    ["2 +", "ends too early"],
    ["(2 + 3", 'is missing before "the end"'],
    ["2 3", "is not expected"],
    ["1 / 0", "no division by zero"],
    ["9 ^ 999", "no finite number"],
    ["sqrt(-1)", "no finite number"],
    ["process(1)", '"process" is not known'],
    ["process.exit(1)", '".exit(1)" is not known'],
    ["sqrt 4", '"(" is missing'],
    ["2 $ 3", '"$ 3" is not known'],
  ])("%s is refused", (expression, sentence) => {
    expect(() => evaluate(expression)).toThrow(sentence);
  });

  test("agrees with the machine on sums, products and parentheses", () => {
    interface Sum {
      text: string;
      value: number;
    }
    const leaf = fc.integer({ min: 0, max: 99 }).map((value): Sum => ({ text: String(value), value }));
    const join = ([a, [sign, apply], b]: [Sum, (typeof OPERATORS)[number], Sum]): Sum => {
      return { text: `(${a.text} ${sign} ${b.text})`, value: apply(a.value, b.value) };
    };
    const { tree } = fc.letrec<{ tree: Sum }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.tuple(tie("tree"), fc.constantFrom(...OPERATORS), tie("tree")).map(join),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        expect(evaluate(text)).toBe(Number(value.toPrecision(12)));
      }),
    );
  });

  test("takes any text without anything but a number or a sentence", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: "binary" }), (text) => {
        try {
          expect(evaluate(text)).toBeTypeOf("number");
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
        }
      }),
    );
  });

  test("200 parentheses are no danger to the stack", () => {
    expect(evaluate(`${"(".repeat(99)}1${")".repeat(99)}`)).toBe(1);
  });
});

test("get_time tells the time of a zone", () => {
  expect(run("get_time", { zone: "Asia/Kathmandu" })).toEqual({ zone: "Asia/Kathmandu", time: "2026-11-25 03:15:05" });
  expect(() => run("get_time", { zone: "Mars/Olympus" })).toThrow("There is no time zone Mars/Olympus");
});

test("roll_dice rolls as many as asked, each in its range", () => {
  const { rolls, sum } = run("roll_dice", { count: 20, sides: 3 }) as { rolls: number[]; sum: number };
  expect(rolls).toHaveLength(20);
  expect(new Set(rolls)).toEqual(new Set([1, 2, 3]));
  expect(sum).toBe(rolls.reduce((a, b) => a + b));
  expect(() => run("roll_dice", { count: 21 })).toThrow("count has to be a whole number from 1 to 20");
  expect(() => run("roll_dice", { sides: 1.5 })).toThrow("sides");
});

test("get_weather is the same for a city all day, by whichever of its names", () => {
  const weather = run("get_weather", { city: "北京" }) as { temperature: number };
  expect(run("get_weather", { city: "beijing" })).toMatchObject({ temperature: weather.temperature });
  expect(Math.abs(weather.temperature)).toBeLessThan(50);
  expect(() => run("get_weather", { city: "Atlantis" })).toThrow("There is no weather of Atlantis");
});

test("search_help finds the page that has the words", () => {
  const titles = (query: string) =>
    (run("search_help", { query }) as { pages: { title: string }[] }).pages.map(({ title }) => title);
  expect(titles("commands")[0]).toBe("Commands");
  expect(titles("How do I choose a model?")).toContain("Models and channels");
  expect(titles("quantum chromodynamics")).toEqual([]);
});

test("arguments that are no JSON object make a failed tool call, which the model is told", async () => {
  const recorder = createRecorder();
  const toolbox = createToolbox(() => BUILT_IN, recorder.instrument, { clock: { now: () => AT }, random: () => 0 });
  for (const args of ["{", "[1]", "null", '"text"']) {
    expect(await toolbox.run({ id: "1", name: "get_time", args })).toBe('{"error":"The arguments are no JSON object"}');
  }
  expect(recorder.tools.map(({ failed }) => failed)).toEqual([true, true, true, true]);
  expect(await toolbox.run({ id: "1", name: "get_time", args: "" })).toBe('{"error":"zone has to be a text"}');
});
