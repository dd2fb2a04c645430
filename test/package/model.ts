import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Model {
  url: string;
  close(): void;
}

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

/** A model provider of OpenAI's protocol: every answer took 7 tokens in and 5 out; the model `broken` fails. */
export async function startModel(): Promise<Model> {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const { model, stream, input } = JSON.parse(text) as { model: string; stream?: boolean; input?: string };
      const status = model === "broken" ? 500 : 200;
      response.writeHead(status, { "content-type": stream ? "text/event-stream" : "application/json" });
      if (status === 500) response.end(JSON.stringify({ error: { message: "it is broken" } }));
      else if (stream) response.end(streamed(model));
      else response.end(JSON.stringify(input === undefined ? answer(model) : embedding(model)));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => server.close().closeAllConnections(),
  };
}

function answer(model: string) {
  const message = { role: "assistant", content: "hi" };
  return {
    id: "1",
    object: "chat.completion",
    model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: USAGE,
  };
}

function embedding(model: string) {
  const usage = { prompt_tokens: 2, total_tokens: 2 };
  return { object: "list", model, data: [{ object: "embedding", index: 0, embedding: [0.5] }], usage };
}

function streamed(model: string): string {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", model, ...more })}\n\n`;
  const words = ["h", "i"].map((content) => chunk({ choices: [{ index: 0, delta: { content } }] }));
  return [...words, chunk({ choices: [], usage: USAGE }), "data: [DONE]\n\n"].join("");
}
