import type { Batch, Fact, LogFact, MessageFact, RequestFact, ToolFact } from "../src/contract/fact.ts";

/** Facts of one transaction. */
const BATCH = 512;

/** Deterministic, so that both sides of a pair have the same rows. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Some things are much more frequent than others. */
function pickOf(random: () => number): (n: number) => number {
  return (n) => Math.floor(random() * random() * n);
}

/** Turns as the reference bot makes them: a message, two requests, a tool call, and now and then a log line. */
function* turns(fromMs: number, toMs: number, count: number, seed: number): Generator<Fact[]> {
  const random = randomOf(seed);
  const pick = pickOf(random);
  const hex = (digits: number): string => {
    return Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(digits, "0");
  };
  for (let made = 0; made < count;) {
    const startMs = Math.floor(fromMs + ((toMs - fromMs) * made) / count);
    const [traceId, root] = [hex(16) + hex(16), hex(16)];
    const [user, group] = [pick(5000), pick(300)];
    const owner = {
      userId: `user${user}`,
      userName: `Name of ${user}`,
      groupId: `group${group}`,
      groupName: `G${group}`,
    };
    const common = { traceId, botId: "10001", service: "bench", ...owner };
    const span = (spanId: string, parentId?: string) => {
      const time = {
        timeMs: startMs + pick(900),
        timeNs: Math.floor(random() * 1e6),
        durationNs: Math.floor(random() * 3e9),
      };
      const failed = random() < 0.03;
      const failure = failed ? { errorType: "timeout", errorMessage: "the provider did not answer in time" } : {};
      return { key: traceId + spanId, spanId, parentId, ...time, failed, ...failure, ...common };
    };
    const request = (): RequestFact => ({
      ...span(hex(16), root),
      kind: "request",
      operation: "chat",
      provider: "openai",
      model: `model-${pick(12)}`,
      channel: `channel-${pick(6)}`,
      inputTokens: 200 + pick(4000),
      outputTokens: pick(900),
      cachedTokens: pick(100),
      cacheCreationTokens: 0,
      reasoningTokens: 0,
      usageMissing: false,
      firstChunkNs: 4e8,
    });
    const tool: ToolFact = {
      ...span(hex(16), root),
      kind: "tool",
      tool: `tool-${pick(20)}`,
      callId: hex(12),
      args: `{"expression":"${made} * 2"}`,
      result: `{"ok":true,"value":${made * 2}}`,
    };
    const level = (["debug", "debug", "debug", "info", "info", "error"] as const)[pick(6)] ?? "debug";
    const key = hex(16) + hex(24);
    const text = { level, message: `reply ${made} was sent to the group`, meta: `{"n":${made}}` };
    const log: LogFact = { kind: "log", key, timeMs: startMs, timeNs: made % 1e6, spanId: root, ...text, ...common };
    const message: MessageFact = { ...span(root), kind: "message", platform: "onebot", responses: 1 };
    const facts = [request(), tool, request(), ...(random() < 0.5 ? [log] : []), message];
    made += facts.length;
    yield facts;
  }
}

/** Batches of about 512 facts, spread evenly over a range of time. */
export function* batches(fromMs: number, toMs: number, count: number, seed = 7): Generator<Batch> {
  let facts: Fact[] = [];
  for (const turn of turns(fromMs, toMs, count, seed)) {
    facts.push(...turn);
    if (facts.length < BATCH) continue;
    // As they come out of a message port: no string is shared, none is put together.
    yield structuredClone({ facts, links: [] });
    facts = [];
  }
  if (facts.length > 0) yield structuredClone({ facts, links: [] });
}
