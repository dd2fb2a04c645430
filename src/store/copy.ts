import type { Decided, Fact, LogFact, MessageFact, RequestFact, StoredFact, ToolFact } from "../contract/fact.ts";

/** Every field, also those that a sender may leave out: one that is forgotten here is an error of types. */
type Whole<F> = { [Name in keyof Required<F>]: F[Name] };

/**
 * A copy of a sender's fact, not yet decided about. All copies of a kind have one shape, whatever their senders left
 * out: what follows reads them many times, and reads objects of many shapes several times as slowly.
 */
export function copyOf(fact: Fact): StoredFact {
  if (fact.kind === "request") return copyOfRequest(fact);
  if (fact.kind === "message") return copyOfMessage(fact);
  return fact.kind === "tool" ? copyOfTool(fact) : copyOfLog(fact);
}

function copyOfMessage(fact: MessageFact): Whole<MessageFact & Decided> {
  return {
    kind: "message",
    row: 0,
    counted: true,
    errorItem: false,
    key: fact.key,
    timeMs: fact.timeMs,
    timeNs: fact.timeNs,
    traceId: fact.traceId,
    spanId: fact.spanId,
    parentId: fact.parentId,
    service: fact.service,
    botId: fact.botId,
    userId: fact.userId,
    userName: fact.userName,
    groupId: fact.groupId,
    groupName: fact.groupName,
    durationNs: fact.durationNs,
    failed: fact.failed,
    errorType: fact.errorType,
    errorMessage: fact.errorMessage,
    stack: fact.stack,
    platform: fact.platform,
    responses: fact.responses,
    responseWaitNs: fact.responseWaitNs,
  };
}

function copyOfRequest(fact: RequestFact): Whole<RequestFact & Decided> {
  return {
    kind: "request",
    row: 0,
    counted: true,
    errorItem: false,
    key: fact.key,
    timeMs: fact.timeMs,
    timeNs: fact.timeNs,
    traceId: fact.traceId,
    spanId: fact.spanId,
    parentId: fact.parentId,
    service: fact.service,
    botId: fact.botId,
    userId: fact.userId,
    userName: fact.userName,
    groupId: fact.groupId,
    groupName: fact.groupName,
    durationNs: fact.durationNs,
    failed: fact.failed,
    errorType: fact.errorType,
    errorMessage: fact.errorMessage,
    stack: fact.stack,
    operation: fact.operation,
    provider: fact.provider,
    model: fact.model,
    channel: fact.channel,
    previousChannel: fact.previousChannel,
    inputTokens: fact.inputTokens,
    outputTokens: fact.outputTokens,
    cachedTokens: fact.cachedTokens,
    cacheCreationTokens: fact.cacheCreationTokens,
    reasoningTokens: fact.reasoningTokens,
    usageMissing: fact.usageMissing,
    firstChunkNs: fact.firstChunkNs,
  };
}

function copyOfTool(fact: ToolFact): Whole<ToolFact & Decided> {
  return {
    kind: "tool",
    row: 0,
    counted: true,
    errorItem: false,
    key: fact.key,
    timeMs: fact.timeMs,
    timeNs: fact.timeNs,
    traceId: fact.traceId,
    spanId: fact.spanId,
    parentId: fact.parentId,
    service: fact.service,
    botId: fact.botId,
    userId: fact.userId,
    userName: fact.userName,
    groupId: fact.groupId,
    groupName: fact.groupName,
    durationNs: fact.durationNs,
    failed: fact.failed,
    errorType: fact.errorType,
    errorMessage: fact.errorMessage,
    stack: fact.stack,
    tool: fact.tool,
    callId: fact.callId,
    args: fact.args,
    result: fact.result,
    truncated: fact.truncated,
  };
}

function copyOfLog(fact: LogFact): Whole<LogFact & Decided> {
  return {
    kind: "log",
    row: 0,
    counted: true,
    errorItem: false,
    key: fact.key,
    timeMs: fact.timeMs,
    timeNs: fact.timeNs,
    traceId: fact.traceId,
    spanId: fact.spanId,
    parentId: fact.parentId,
    service: fact.service,
    botId: fact.botId,
    userId: fact.userId,
    userName: fact.userName,
    groupId: fact.groupId,
    groupName: fact.groupName,
    level: fact.level,
    message: fact.message,
    meta: fact.meta,
    stack: fact.stack,
    channel: fact.channel,
    model: fact.model,
  };
}
