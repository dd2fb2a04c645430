import { CHANNELS, OTHER_CHANNELS } from "../../src/demo/simulated-channels.ts";
import type { Fault } from "../../src/demo/faults.ts";
import type { ProviderCall } from "../../src/demo/provider.ts";
import { startTestProvider } from "../bot/world.ts";
import { Captured, startCaptured } from "../instrument/captured.ts";

/** The real SDK, a simulated provider of each protocol, and what both saw. */
export async function startObserved() {
  const captured = new Captured();
  const sdk = startCaptured(captured);
  const seen: ProviderCall[] = [];
  const state: { fault: Fault | undefined } = { fault: undefined };
  const provider = await startTestProvider({
    channels: [CHANNELS[0]!, ...OTHER_CHANNELS],
    faults: () => state.fault,
    onCall: (call) => seen.push(call),
  });
  const [openai, claude, gemini] = provider.channels as [Channel, Channel, Channel];
  return {
    captured,
    seen,
    openai,
    claude,
    gemini,
    setFault: (fault: Fault | undefined) => (state.fault = fault),
    clear() {
      captured.facts = [];
      seen.length = 0;
      state.fault = undefined;
    },
    async stop() {
      await provider.stop();
      await sdk.stop(1000);
    },
  };
}

type Channel = Awaited<ReturnType<typeof startTestProvider>>["channels"][number];
