import type { Clock } from "../../lib/clock.ts";

/** What a tool may lean on. */
export interface ToolContext {
  clock: Pick<Clock, "now">;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** A function that the model may call. */
export interface Tool {
  name: string;
  /** For the model: what it does, and when to use it. */
  description: string;
  /** JSON schema of an object. */
  parameters: { type: "object"; properties?: Record<string, unknown>; required?: string[] };
  /**
   * @param args as the model wrote them: an object, nothing else is known of it
   * @returns JSON
   * @throws {Error} whose message the model gets to read
   */
  run(args: Record<string, unknown>, context: ToolContext): unknown;
}

/** @throws {Error} where it is none, is empty, or longer than `max` */
export function textOf(args: Record<string, unknown>, name: string, max = 200): string {
  const value = args[name];
  if (typeof value !== "string" || value.trim() === "") throw new Error(`${name} has to be a text`);
  if (value.length > max) throw new Error(`${name} has more than ${max} characters`);
  return value.trim();
}

/** @throws {Error} where it is no whole number in the range */
export function wholeOf(
  args: Record<string, unknown>,
  name: string,
  min: number,
  max: number,
  otherwise: number,
): number {
  const value = args[name] ?? otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} has to be a whole number from ${min} to ${max}`);
  }
  return value;
}
