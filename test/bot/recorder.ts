import { AsyncLocalStorage } from "node:async_hooks";
import type {
  BotAnnouncement,
  ChannelAnnouncement,
  Instrument,
  InventoryAnnouncement,
  LogAttributes,
  MessageOptions,
  RequestOptions,
  ToolOptions,
  Usage,
} from "../../src/index.ts";

interface Ended {
  /** Of the message around it. */
  trace?: number;
  failed: boolean;
  /** The `code` of the error, else its message. */
  why?: string;
}

interface RecordedMessage extends MessageOptions, Ended {
  responses: number;
}
interface RecordedRequest extends RequestOptions, Ended {
  usage?: Usage;
  firstChunk: boolean;
  responseModel?: string;
}
interface RecordedTool extends ToolOptions, Ended {
  result?: unknown;
}
interface RecordedLog {
  trace?: number;
  level: string;
  message: string;
  attributes: LogAttributes;
  timeMs?: number;
}

/** An instrument that keeps what it is told in lists, in the order of the ends. */
export interface Recorder {
  instrument: Instrument;
  messages: RecordedMessage[];
  requests: RecordedRequest[];
  tools: RecordedTool[];
  logs: RecordedLog[];
  bots: BotAnnouncement[];
  channels: ChannelAnnouncement[];
  inventories: InventoryAnnouncement[];
}

export function createRecorder(): Recorder {
  const traces = new AsyncLocalStorage<number>();
  const lists = { messages: [], requests: [], tools: [], logs: [], bots: [], channels: [], inventories: [] };
  const recorder: Omit<Recorder, "instrument"> = lists;
  let count = 0;

  async function observe<T, E extends Ended>(list: E[], entry: E, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      fail(entry, error);
      throw error;
    } finally {
      list.push(entry);
    }
  }

  const instrument: Instrument = {
    message(options, work) {
      const trace = (count += 1);
      const entry: RecordedMessage = { ...options, trace, failed: false, responses: 0 };
      const turn = {
        traceId: String(trace),
        responded: (responses = 1) => void (entry.responses += responses),
        fail: (error: unknown) => fail(entry, error),
      };
      return traces.run(trace, () => observe(recorder.messages, entry, () => work(turn)));
    },
    request(options, work) {
      const entry: RecordedRequest = { ...options, trace: traces.getStore(), failed: false, firstChunk: false };
      const record = {
        firstChunk: () => void (entry.firstChunk = true),
        usage: (usage: Usage) => void (entry.usage = usage),
        responseModel: (model: string) => void (entry.responseModel = model),
        fail: (error: unknown) => fail(entry, error),
      };
      return observe(recorder.requests, entry, () => work(record));
    },
    tool(options, work) {
      const entry: RecordedTool = { ...options, trace: traces.getStore(), failed: false };
      return observe(recorder.tools, entry, async () => {
        const result = await work({ fail: (error) => fail(entry, error) });
        entry.result = result;
        return result;
      });
    },
    log(level, message, attributes = {}, timeMs) {
      const text = typeof message === "string" ? message : message.message;
      recorder.logs.push({ trace: traces.getStore(), level, message: text, attributes, timeMs });
    },
    announceBot: (bot) => void recorder.bots.push(bot),
    announceChannel: (channel) => void recorder.channels.push(channel),
    announceInventory: (inventory) => void recorder.inventories.push(inventory),
  };
  return { instrument, ...recorder };
}

function fail(entry: Ended, error: unknown): void {
  const { code, message } = error as { code?: string; message?: string };
  [entry.failed, entry.why] = [true, code ?? message];
}
