import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import type { Instrument } from "../../index.ts";
import type { AskedCall } from "../completion.ts";
import { arithmetic } from "./arithmetic.ts";
import { dice } from "./dice.ts";
import { help } from "./help.ts";
import { time } from "./time.ts";
import type { Tool, ToolContext } from "./tool.ts";
import { weather } from "./weather.ts";

export const BUILT_IN: readonly Tool[] = [time, arithmetic, dice, weather, help];

/** The tools that a model may call. */
export interface Toolbox {
  /** As the AI SDK's models want them. */
  readonly offers: LanguageModelV4FunctionTool[];
  /** Executes one call; never rejects: what went wrong is told to the model, in JSON. */
  run(call: AskedCall): Promise<string>;
}

/** @param tools those that there are now */
export function createToolbox(tools: () => readonly Tool[], instrument: Instrument, context: ToolContext): Toolbox {
  async function run({ id, name, args: text }: AskedCall): Promise<string> {
    const tool = tools().find((one) => one.name === name);
    // Nothing is executed, so this is no tool call.
    if (tool === undefined) return JSON.stringify({ error: `There is no tool ${name}` });
    const args = parseObject(text);
    try {
      const result = await instrument.tool({ name, callId: id, args: args ?? text }, () => {
        if (args === undefined) throw new Error("The arguments are no JSON object");
        return tool.run(args, context);
      });
      return JSON.stringify(result ?? null);
    } catch (error) {
      return JSON.stringify({ error: (error as Error).message });
    }
  }

  return {
    get offers() {
      return tools().map(offer);
    },
    run,
  };
}

function offer({ name, description, parameters }: Tool): LanguageModelV4FunctionTool {
  return {
    type: "function",
    name,
    description,
    inputSchema: parameters as LanguageModelV4FunctionTool["inputSchema"],
  };
}

/** @returns undefined where it is no JSON object */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
