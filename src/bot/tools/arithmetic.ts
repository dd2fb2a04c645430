import { evaluate } from "./expression.ts";
import { textOf, type Tool } from "./tool.ts";

export const arithmetic: Tool = {
  name: "calculate",
  description: "Works out an arithmetic expression: + - * / % ^, parentheses, sqrt, abs, round, floor, ceil, pi, e.",
  parameters: {
    type: "object",
    properties: { expression: { type: "string", description: "As (2 + 3) * sqrt(16)" } },
    required: ["expression"],
  },
  run(args) {
    const expression = textOf(args, "expression");
    return { expression, value: evaluate(expression) };
  },
};
