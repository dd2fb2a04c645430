import { wholeOf, type Tool } from "./tool.ts";

export const dice: Tool = {
  name: "roll_dice",
  description: "Rolls dice and adds them up.",
  parameters: {
    type: "object",
    properties: {
      count: { type: "integer", description: "How many dice, 1 to 20; 1 if absent" },
      sides: { type: "integer", description: "Sides of each, 2 to 1000; 6 if absent" },
    },
    required: [],
  },
  run(args, { random }) {
    const count = wholeOf(args, "count", 1, 20, 1);
    const sides = wholeOf(args, "sides", 2, 1000, 6);
    const rolls = Array.from({ length: count }, () => Math.floor(random() * sides) + 1);
    return { rolls, sum: rolls.reduce((sum, roll) => sum + roll, 0) };
  },
};
