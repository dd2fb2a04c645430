import { spawn } from "node:child_process";
import { join } from "node:path";
import { startProvider, type Provider, type ProviderCall } from "../../src/demo/provider.ts";
import { createRandom } from "../../src/demo/random.ts";
import type { SimulatedChannel, SimulatedModel } from "../../src/demo/simulated-channels.ts";
import { systemClock } from "../../src/lib/clock.ts";

export const MODEL = "gpt-4o";
export const EMBEDDING_MODEL = "text-embedding-3-small";
/** In every prompt; nowhere else. */
export const SECRET = "xyzzy-in-a-prompt";

export interface SeenProvider extends Provider {
  /** In the order in which they were answered. */
  seen: ProviderCall[];
}

/** A simulated provider with a channel that works and one that always fails. */
export async function startSeenProvider(): Promise<SeenProvider> {
  const seen: ProviderCall[] = [];
  const provider = await startProvider({
    channels: [channel("up"), channel("down")],
    random: createRandom(7),
    clock: systemClock,
    slowness: 0,
    faults: ({ id }) => (id === "down" ? { kind: "status", status: 500 } : undefined),
    onCall: (call) => seen.push(call),
  });
  return Object.assign(provider, { seen });
}

function channel(id: string): SimulatedChannel {
  const model = (name: string, reasons: boolean): SimulatedModel => ({ name, firstChunk: 1, nextChunk: 1, reasons });
  return {
    id,
    name: id,
    provider: "openai",
    path: `/${id}/v1`,
    apiKey: `key-of-${id}`,
    models: [model(MODEL, true), model(EMBEDDING_MODEL, false)],
  };
}

/**
 * Runs a script of this folder to its end, its exporter pointed at botel.
 *
 * @throws {Error} with what it wrote, where it fails
 */
export async function runScript(script: string, botel: string, provider: Provider): Promise<void> {
  const endpoint = (wanted: string) => {
    const { baseUrl: baseURL, apiKey } = provider.channels.find(({ id }) => id === wanted)!;
    return { baseURL, apiKey };
  };
  const told = {
    up: endpoint("up"),
    down: endpoint("down"),
    model: MODEL,
    embeddingModel: EMBEDDING_MODEL,
    secret: SECRET,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], {
    env: {
      PATH: process.env["PATH"],
      DIALECTS_PROVIDER: JSON.stringify(told),
      OTEL_EXPORTER_OTLP_ENDPOINT: botel,
      OTEL_SERVICE_NAME: "a-bot-of-another-kind",
    },
    timeout: 60_000,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (output += part));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", reject);
  child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`${script} failed:\n${output}`))));
  await promise;
}
