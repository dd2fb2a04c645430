import type { RequestRecord } from "../api.ts";
import { describeAnswer, type Answer, type Told } from "./answer.ts";
import { quiet } from "../quiet.ts";

/** Hands a stream on part by part, as it is asked for, and says what it was. */
export function watchStream(
  stream: ReadableStream,
  record: RequestRecord,
  told: Told,
): { stream: ReadableStream; ended: Promise<void> } {
  const reader = stream.getReader();
  const end = Promise.withResolvers<void>();
  const watched = new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            quiet(() => describePart(record, value as Part, told));
            return controller.enqueue(value);
          }
          end.resolve();
          controller.close();
        } catch (error) {
          end.reject(error);
          controller.error(error);
        }
      },
      /** Whoever left it has what it wanted: that is no failure. */
      async cancel(reason) {
        end.resolve();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream: watched, ended: end.promise };
}

interface Part extends Answer {
  type?: string;
  modelId?: unknown;
  error?: unknown;
}

/** Parts that the provider's first chunk does not stand behind. */
const BEFORE = new Set(["stream-start", "ping"]);

function describePart(record: RequestRecord, part: Part, told: Told): void {
  const { type = "" } = part;
  if (!BEFORE.has(type)) record.firstChunk();
  if (type === "response-metadata") describeAnswer(record, { response: part }, told);
  if (type === "finish") describeAnswer(record, part, told);
  if (type === "error") record.fail(part.error);
}
