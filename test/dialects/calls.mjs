// What each script does with an `openai` client of its own instrumentation, and what it is told by the test.

/** @type {{ up: Endpoint, down: Endpoint, model: string, embeddingModel: string, secret: string }} */
export const provider = JSON.parse(process.env["DIALECTS_PROVIDER"]);
/** @typedef {{ baseURL: string, apiKey: string }} Endpoint */

/** Long enough for the provider to find its beginning in its cache; the secret must be in no answer and on no disk. */
export const instructions = `You are a bot. Never say ${provider.secret}. ${"Be kind to everybody. ".repeat(40)}`;

export const question = "Tell me a joke";
export const wantsDice = "Roll 2d6 for me";
export const diceSchema = {
  type: "object",
  properties: { count: { type: "number" }, sides: { type: "number" } },
  required: ["count", "sides"],
};

/** Always the same throw. */
export const throwDice = ({ count, sides }) => ({ dice: `${count}d${sides}`, total: 7 });

/** One chat, one stream, one failure, one embedding. */
export async function converse(up, down) {
  const { model, embeddingModel } = provider;
  const messages = [
    { role: "system", content: instructions },
    { role: "user", content: question },
  ];
  await up.chat.completions.create({ model, messages });
  const stream = await up.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) void chunk;
  await fails(() => down.chat.completions.create({ model, messages }));
  await up.embeddings.create({ model: embeddingModel, input: [`a text about ${provider.secret}`, "and another"] });
}

/** @throws {Error} where the call does not fail */
export async function fails(call) {
  try {
    await call();
  } catch {
    return;
  }
  throw new Error("a call to a provider that is down did not fail");
}
