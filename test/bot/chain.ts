import type { Ask } from "../../src/bot/attempt.ts";
import { createChannels, type Channels } from "../../src/bot/channels.ts";
import { DEFAULT_PACE, type Pace } from "../../src/bot/pace.ts";
import type { Fault, Faults } from "../../src/demo/faults.ts";
import type { Provider, ProviderOptions } from "../../src/demo/provider.ts";
import type { SimulatedChannel } from "../../src/demo/simulated-channels.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { ending, QUICK, startTestProvider } from "./world.ts";

export const ASK: Ask = {
  prompt: [{ role: "user", content: [{ type: "text", text: "Tell me a joke" }] }],
  tools: [],
  mayCall: true,
};

/** The channels of a bot before a simulated provider, with no bot around them. */
export interface Chain {
  channels: Channels;
  provider: Provider;
  recorder: Recorder;
  stop: AbortController;
}

export interface ChainOptions {
  channels?: SimulatedChannel[];
  faults?: Faults;
  pace?: Partial<Pace>;
  onCall?: ProviderOptions["onCall"];
}

export async function startChain({
  channels,
  faults = () => undefined,
  pace,
  onCall,
}: ChainOptions = {}): Promise<Chain> {
  const provider = ending(await startTestProvider({ faults, onCall, ...(channels && { channels }) }));
  const recorder = createRecorder();
  const stop = new AbortController();
  const options = { instrument: recorder.instrument, pace: { ...DEFAULT_PACE, ...QUICK, ...pace }, stop: stop.signal };
  return { channels: createChannels(provider.channels, options), provider, recorder, stop };
}

/** Faults in the order of the calls; a channel whose list is used up works. */
export function script(lists: Record<string, (Fault | undefined)[]>): Faults {
  return ({ id }) => lists[id]?.shift();
}

export const status = (code: number, retryAfter?: number): Fault => ({ kind: "status", status: code, retryAfter });
/** Each request's channel, and why it failed. */
export const attempts = ({ requests }: Recorder) =>
  requests.map(({ channel, why }) => (why ? `${channel} ${why}` : channel));
