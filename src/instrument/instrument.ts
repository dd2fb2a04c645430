import { context, INVALID_TRACEID, SpanKind, trace } from "@opentelemetry/api";
import type { Attributes, Span } from "@opentelemetry/api";
import { ATTRIBUTES, OPERATIONS } from "../contract/attributes.ts";
import type { Inherited } from "../contract/span.ts";
import { systemClock } from "../lib/clock.ts";
import { boundedJson } from "../lib/json.ts";
import { announceBot, announceChannel, announceInventory } from "./announce.ts";
import type { Instrument, MessageOptions, RequestRecord, Times, ToolOptions, Turn } from "./api.ts";
import { inheritedOf } from "./context.ts";
import { log } from "./log.ts";
import { runObserved, startObserved } from "./observed.ts";
import { quiet } from "./quiet.ts";
import { createUsageWriter } from "./usage.ts";

/** Characters of a tool's arguments or result that go onto a span; what botel stores of them is a setting. */
const CONTENT_MAX = 32_768;

export const message: Instrument["message"] = (options, work) => {
  const { platform, botId, userId, userName, groupId, groupName } = options;
  const inherited = present({ botId, userId, userName, groupId, groupName });
  const around = quiet(() => trace.getSpan(context.active())?.spanContext());
  const attributes: Attributes = {
    [ATTRIBUTES.botOperation[0]]: OPERATIONS.message,
    [ATTRIBUTES.platform[0]]: platform,
    ...ownerAttributes(inherited),
    [ATTRIBUTES.userName[0]]: userName,
    [ATTRIBUTES.groupName[0]]: groupName,
  };
  // A turn is one trace, whatever it was received in: that is a link.
  const links = around === undefined ? [] : [{ context: around }];
  const spanOptions = { kind: SpanKind.CONSUMER, attributes, links, root: true };
  const observed = startObserved(`message ${platform}`, spanOptions, options, inherited);

  const startedAt = systemClock.mono();
  let responses = 0;
  const turn: Turn = {
    traceId: quiet(() => observed?.span.spanContext().traceId) ?? INVALID_TRACEID,
    responded(count = 1, atMs = options.endTime) {
      if (responses === 0) {
        const ms = atMs === undefined ? systemClock.mono() - startedAt : atMs - (options.startTime ?? atMs);
        quiet(() => observed?.span.setAttribute(ATTRIBUTES.responseWait[0], Math.max(0, ms) / 1000));
      }
      responses += Number.isSafeInteger(count) && count > 0 ? count : 0;
      quiet(() => observed?.span.setAttribute(ATTRIBUTES.responses[0], responses));
    },
    fail: (error) => observed?.fail(error),
  };
  return runObserved(observed, turn, work);
};

export const request: Instrument["request"] = (options, work) => {
  const { operation = "chat", provider, model, channel, previousChannel } = options;
  const inherited = { ...inheritedOf(context.active()), channel, model };
  const attributes: Attributes = {
    [ATTRIBUTES.operation[0]]: operation,
    [ATTRIBUTES.provider[0]]: provider,
    [ATTRIBUTES.requestModel[0]]: model,
    [ATTRIBUTES.channel[0]]: channel,
    [ATTRIBUTES.previousChannel[0]]: previousChannel,
    ...ownerAttributes(inherited),
  };
  const spanOptions = { kind: SpanKind.CLIENT, attributes };
  const observed = startObserved(`${operation} ${model}`, spanOptions, options, inherited);
  const record = createRecord(observed?.span, options, (error) => observed?.fail(error));
  return runObserved(observed, record, work);
};

function createRecord(span: Span | undefined, times: Times, fail: (error: unknown) => void): RequestRecord {
  const startedAt = systemClock.mono();
  const usage = createUsageWriter(span);
  let streamed = false;
  return {
    firstChunk(atMs) {
      if (streamed) return;
      streamed = true;
      const ms = atMs === undefined ? systemClock.mono() - startedAt : atMs - (times.startTime ?? atMs);
      quiet(() => span?.setAttribute(ATTRIBUTES.firstChunkSeconds[0], Math.max(0, ms) / 1000));
    },
    usage,
    responseModel: (model) => void quiet(() => span?.setAttribute(ATTRIBUTES.responseModel[0], model)),
    fail,
  };
}

export const tool: Instrument["tool"] = (options: ToolOptions, work) => {
  const { name, callId, args } = options;
  // A model that the tool itself calls is not the one whose answer asked for the tool.
  const inherited = { ...inheritedOf(context.active()), channel: undefined, model: undefined };
  const attributes: Attributes = {
    [ATTRIBUTES.operation[0]]: OPERATIONS.tool,
    [ATTRIBUTES.tool[0]]: name,
    [ATTRIBUTES.callId[0]]: callId,
    ...ownerAttributes(inherited),
    ...content(ATTRIBUTES.args[0], args),
  };
  const spanOptions = { kind: SpanKind.INTERNAL, attributes };
  const observed = startObserved(`${OPERATIONS.tool} ${name}`, spanOptions, options, inherited);
  const call = { fail: (error: unknown) => observed?.fail(error) };
  return runObserved(observed, call, work, (result, span) => span.setAttributes(content(ATTRIBUTES.result[0], result)));
};

/** @returns the value as JSON text, so that a text that looks like a number stays a text. */
function content(name: string, value: unknown): Attributes {
  if (value === undefined) return {};
  const text = typeof value === "string" ? value : undefined;
  const { json, truncated } = boundedJson(text === undefined ? value : [text], { maxChars: CONTENT_MAX });
  const own = text === undefined ? json : json.slice(1, -1);
  return truncated ? { [name]: own, [ATTRIBUTES.truncated[0]]: true } : { [name]: own };
}

function ownerAttributes({ botId, userId, groupId }: Inherited): Attributes {
  return {
    [ATTRIBUTES.botId[0]]: botId,
    [ATTRIBUTES.userId[0]]: userId,
    [ATTRIBUTES.groupId[0]]: groupId,
  };
}

/** Empty ids and names are none. */
function present(given: Pick<MessageOptions, "botId" | "userId" | "userName" | "groupId" | "groupName">): Inherited {
  return {
    botId: given.botId || undefined,
    userId: given.userId || undefined,
    userName: given.userName || undefined,
    groupId: given.groupId || undefined,
    groupName: given.groupName || undefined,
  };
}

/** Everything that a bot calls, by one object. */
export const instrument: Instrument = {
  message,
  request,
  tool,
  log,
  announceBot,
  announceChannel,
  announceInventory,
};
