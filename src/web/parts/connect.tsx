import { useState } from "preact/hooks";
import { useSession } from "../session.ts";
import { useViewer } from "../words/viewer.ts";

const NODE = `import { start, message, request, tool } from "botel";

start();

await message({ platform: "onebot", botId: "1", userId: "42" }, async (turn) => {
  await request({ provider: "openai", model: "gpt-4o" }, (call) => askTheModel(call));
  turn.responded();
});`;

/** What to do where no bot was heard yet. */
export function Connect() {
  const { words } = useViewer();
  const { name } = useSession();
  const header = name === null ? "" : "\nOTEL_EXPORTER_OTLP_HEADERS=x-api-key=…";
  const otlp = `OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf${header}`;
  return (
    <section class="card connect" aria-labelledby="connect">
      <h2 id="connect">{words.connect.title}</h2>
      <p>{words.connect.intro}</p>
      <div class="pair">
        <Snippet title={words.connect.node} text={NODE} />
        <Snippet title={words.connect.otlp} text={otlp} />
      </div>
      <p class="soft">{words.connect.more}</p>
    </section>
  );
}

function Snippet({ title, text }: { title: string; text: string }) {
  const { words } = useViewer();
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <div class="snippet">
      <h3>{title}</h3>
      <pre tabIndex={0}>{text}</pre>
      {window.isSecureContext && (
        <button type="button" onClick={copy}>
          {copied ? words.connect.copied : words.connect.copy}
        </button>
      )}
    </div>
  );
}
