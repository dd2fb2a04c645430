import type { RequestRecord } from "../api.ts";
import { quiet } from "../quiet.ts";
import type { AnswerReader } from "./protocols.ts";

/** Characters of an answer in one piece, or of one event, that are read for its usage; a longer one says none. */
const MAX_READ = 16 * 1024 * 1024;

/** Hands a response's body on as it comes, and reads what it says of the call. */
export function watchBody(
  body: ReadableStream<Uint8Array>,
  isStream: boolean,
  record: RequestRecord,
  answer: AnswerReader,
): { body: ReadableStream<Uint8Array>; ended: Promise<void> } {
  const reader = body.getReader();
  const end = Promise.withResolvers<void>();
  const text = isStream ? readEvents(answer) : readWhole(answer);
  const watched = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            quiet(() => text.end());
            end.resolve();
            return controller.close();
          }
          if (isStream) record.firstChunk();
          quiet(() => text.add(value));
          controller.enqueue(value);
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
  return { body: watched, ended: end.promise };
}

interface Text {
  add(bytes: Uint8Array): void;
  end(): void;
}

function readWhole(answer: AnswerReader): Text {
  const decoder = new TextDecoder();
  let text = "";
  return {
    add(bytes) {
      if (text.length <= MAX_READ) text += decoder.decode(bytes, { stream: true });
    },
    end() {
      if (text.length <= MAX_READ) answer.read(JSON.parse(text + decoder.decode()));
    },
  };
}

/** Server-Sent Events whose data are JSON; each event's data is one line, as all providers write it. */
function readEvents(answer: AnswerReader): Text {
  const decoder = new TextDecoder();
  let rest = "";

  function line(text: string): void {
    if (!text.startsWith("data:")) return;
    const data = text.slice(5).trim();
    if (data.startsWith("{")) quiet(() => answer.read(JSON.parse(data)));
  }

  return {
    add(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r/);
      rest = lines.pop() ?? "";
      if (rest.length > MAX_READ) rest = "";
      for (const each of lines) line(each);
    },
    end: () => line(rest + decoder.decode()),
  };
}
