// One side of `bench overhead`, a bot in a process of its own: `botel`, `sdk`, or `none` (neither; the floor).
// Told a number of turns, it makes them at the pace of a very busy bot and answers with what they cost.
import { createHook } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { start } from "../src/index.ts";
import { botelTurn, plainTurn } from "./overhead-turn.ts";

/** What a round cost. */
export interface Cost {
  /** CPU of the bot's own thread, µs a turn. */
  threadUs: number;
  /** CPU of the whole process, µs a turn. */
  processUs: number;
  /** From a turn's start to its end, µs, mean. */
  wallUs: number;
  /** The longest callback in the bot's thread, ms of CPU; only where asked for. */
  longestMs?: number;
}

const SPANS_A_TURN = 4;
const TURNS_A_TICK = 5;
const TICK_MS = 5;

const side = process.argv[2] as "botel" | "sdk" | "none";
const endpoint = process.argv[3]!;
let flush: () => Promise<unknown> = () => Promise.resolve();
let spans = 0;
let url: string | undefined;

async function prepare(): Promise<void> {
  if (side === "botel") {
    url = await start().ready;
    // Facts leave after 20 ms by themselves; what the store's thread does with them is CPU of the process.
    flush = () => sleep(300);
  } else if (side === "sdk") {
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
    const batches = new BatchSpanProcessor({ exporter });
    const { onEnd } = batches;
    const counting = Object.assign(batches, {
      onEnd(...given: Parameters<typeof onEnd>) {
        spans += 1;
        onEnd.apply(batches, given);
      },
    });
    new NodeSDK({ spanProcessors: [counting], metricReaders: [], logRecordProcessors: [] }).start();
    flush = async () => {
      await batches.forceFlush();
      await sleep(300);
    };
  }
}

async function round(turns: number, watch: boolean): Promise<Cost> {
  const turn = side === "botel" ? botelTurn : plainTurn;
  const stretches = watch ? watchStretches() : undefined;
  const [before, thread, whole] = [spans, process.threadCpuUsage(), process.cpuUsage()];
  let wallMs = 0;
  for (let done = 0; done < turns; done += TURNS_A_TICK) {
    for (let n = 0; n < TURNS_A_TICK; n += 1) {
      const startedAt = performance.now();
      await turn();
      wallMs += performance.now() - startedAt;
    }
    await sleep(TICK_MS);
  }
  await flush();
  const [threadUsed, wholeUsed] = [process.threadCpuUsage(thread), process.cpuUsage(whole)];
  if (side === "sdk" && spans - before !== turns * SPANS_A_TURN) throw new Error("the SDK lost spans");
  return {
    threadUs: (threadUsed.user + threadUsed.system) / turns,
    processUs: (wholeUsed.user + wholeUsed.system) / turns,
    wallUs: (wallMs * 1000) / turns,
    longestMs: stretches?.(),
  };
}

/** @returns what ends it, and gives the longest callback meanwhile, in its own CPU: other processes do not count. */
function watchStretches(): () => number {
  const startedAt = new Map<number, number>();
  let longest = 0;
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const hook = createHook({
    before: (id) => void startedAt.set(id, cpuMs()),
    after: (id) => {
      longest = Math.max(longest, cpuMs() - (startedAt.get(id) ?? Number.POSITIVE_INFINITY));
      startedAt.delete(id);
    },
  }).enable();
  return () => {
    hook.disable();
    return longest;
  };
}

process.on("message", ({ turns, watch }: { turns: number; watch: boolean }) => {
  void round(turns, watch).then((cost) => process.send?.(cost));
});
process.on("disconnect", () => process.exit());
await prepare();
process.send?.({ url });
