import { tool } from "./instrument.ts";
import { quiet } from "./quiet.ts";

/**
 * A tool's function that is a tool call of botel's each time that it runs.
 *
 * ```ts
 * const roll = wrapTool("roll_dice", ({ sides }) => dice(sides));
 * ```
 *
 * @param execute gets what it always gets; its first argument are the arguments that are recorded. Of the AI SDK's second one
 *   the call's id is taken.
 */
export function wrapTool<Args extends unknown[], Result>(
  name: string,
  execute: (...args: Args) => Result | Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => tool({ name, args: args[0], callId: callIdOf(args[1]) }, () => execute(...args));
}

/** The same of a generator: what it gives last is its result. */
export function wrapSteps(name: string, execute: (...args: unknown[]) => unknown) {
  return async function* steps(...args: unknown[]): AsyncGenerator {
    const end = Promise.withResolvers<unknown>();
    const called = tool({ name, args: args[0], callId: callIdOf(args[1]) }, () => end.promise);
    called.catch(() => {}); // whoever reads the steps hears of it
    let last: unknown;
    try {
      for await (const step of execute(...args) as AsyncIterable<unknown>) {
        last = step;
        yield step;
      }
    } catch (error) {
      end.reject(error);
      throw error;
    } finally {
      end.resolve(last);
    }
  };
}

function callIdOf(options: unknown): string | undefined {
  const id = quiet(() => (options as { toolCallId?: unknown } | undefined)?.toolCallId);
  return typeof id === "string" ? id : undefined;
}

/** A client of the Model Context Protocol, as `@modelcontextprotocol/sdk` has it: what is used of it here. */
export interface McpClient {
  // A method signature, so that every version of the client fits.
  // oxlint-disable-next-line typescript/method-signature-style
  callTool(call: never, ...rest: never[]): Promise<object>;
}

/**
 * An MCP client whose every `callTool` is a tool call of botel's; what the server marks with `isError` has failed. All
 * else is the client's own.
 */
export function wrapMcpClient<Client extends McpClient>(client: Client): Client {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key === "callTool") return (...args: [never, ...never[]]) => callTool(target, args);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function callTool(client: McpClient, args: [never, ...never[]]): Promise<object> {
  const { name, arguments: given } = (args[0] ?? {}) as { name?: unknown; arguments?: unknown };
  return tool({ name: String(name), args: given }, async (call) => {
    const result = await client.callTool(...args);
    quiet(() => {
      const { isError, content } = result as { isError?: unknown; content?: { text?: unknown }[] };
      const text = content?.find((part) => typeof part.text === "string")?.text;
      if (isError === true) call.fail(new Error(typeof text === "string" ? text : "The tool failed"));
    });
    return result;
  });
}
