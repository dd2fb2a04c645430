import type { PanelRequestQuery, PanelToolCallQuery } from "./api/panel/answers.ts";
import type { PanelRequest, PanelToolCall } from "./contract/wire/panel.ts";
import { parsed, uuidOf, wholeMs } from "./log-answers.ts";
import type { Before, FactReader, RemoteReader, RequestLine, ToolLine } from "./store/reader.ts";

const PAGE = 1000;
/** Lines that are looked through for one question. */
const LOOKED_AT = 10_000;

/** Single requests as the panel of the original plug-in shows them; what botel does not know of one is said in docs/panel.md. */
export function panelRequests(
  reader: Pick<FactReader, "requests">,
  { limit, failed, source }: PanelRequestQuery,
  nameOf: (channel: string) => string,
): PanelRequest[] {
  return reader.requests({ limit, failed, operation: source }).map((line) => panelRequest(line, nameOf(line.channel)));
}

function panelRequest(line: RequestLine, channelName: string): PanelRequest {
  const { previousChannel: previous, channel, inputTokens, outputTokens } = line;
  return {
    id: uuidOf(line),
    timestamp: line.timeMs,
    channelId: channel,
    channelName,
    model: line.model,
    keyIndex: -1,
    keyName: "",
    strategy: "",
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    duration: wholeMs(line.durationNs),
    success: !line.failed,
    error: line.error ?? null,
    source: line.operation,
    stream: line.isStream,
    retryCount: 0,
    channelSwitched: previous !== undefined,
    fallbackUsed: false,
    previousChannelId: previous ?? null,
    switchChain: previous === undefined ? null : [previous, channel],
    userId: line.userId ?? null,
    groupId: line.groupId ?? null,
    isEstimated: false,
    request: null,
    response: null,
  };
}

/** Filtered first, then limited. */
export async function panelToolCalls(
  reader: Pick<RemoteReader, "toolLogs">,
  query: PanelToolCallQuery,
): Promise<PanelToolCall[]> {
  const { limit, toolName: tool, userId, failed, startTime = -Infinity, endTime } = query;
  const calls: PanelToolCall[] = [];
  let before: Before | undefined = endTime === undefined ? undefined : { timeMs: Math.floor(endTime) + 1, timeNs: 0 };
  for (let looked = 0; looked < LOOKED_AT; looked += PAGE) {
    const { lines, next } = await reader.toolLogs({ tool, userId, failed, limit: PAGE, before });
    for (const line of lines) {
      if (line.timeMs < startTime || calls.length === limit) return calls;
      if (isMeant(line, query)) calls.push(panelToolCall(line));
    }
    if (next === undefined) break;
    before = next;
  }
  return calls;
}

function isMeant({ tool, args = "", error = "", groupId }: ToolLine, query: PanelToolCallQuery): boolean {
  if (query.groupId !== undefined && groupId !== query.groupId) return false;
  const keyword = query.keyword?.toLowerCase();
  return keyword === undefined || [tool, args, error].some((text) => text.toLowerCase().includes(keyword));
}

function panelToolCall(line: ToolLine): PanelToolCall {
  return {
    id: uuidOf(line),
    timestamp: line.timeMs,
    toolName: line.tool,
    request: parsed(line.args),
    response: parsed(line.result),
    success: !line.failed,
    error: line.error ?? null,
    errorStack: line.stack ?? null,
    duration: wholeMs(line.durationNs),
    userId: line.userId ?? null,
    groupId: line.groupId ?? null,
    source: "",
  };
}
