import { useAnswer } from "../../answer.ts";
import type { CheckStatus, HealthData, InfoData } from "../../../contract/wire/system.ts";
import { useLive, useNow } from "../../live/use-live.ts";
import { Failed, Loading } from "../../parts/states.tsx";
import { useViewer } from "../../words/viewer.ts";

const EVERY_MS = 10_000;

/** The checks of `/api/system/health`, and what is on. */
export function HealthCard() {
  const { words, format } = useViewer();
  const status = useLive(({ status }) => status?.status);
  const turn = Math.floor(useNow(EVERY_MS) / EVERY_MS);
  const health = useAnswer<HealthData>("/api/system/health", `${turn} ${status}`);
  const info = useAnswer<InfoData>("/api/system/info", status);
  const checks = health.data?.checks;
  return (
    <section class="card" aria-label={words.now.health} data-card="health">
      <div class="card-head">
        <h2>{words.now.health}</h2>
      </div>
      {!checks && (health.error ? <Failed error={health.error} /> : <Loading />)}
      {checks && (
        <ul class="list">
          <Check
            name={words.now.checks.database}
            status={checks.database.status}
            more={format.duration(checks.database.latency)}
          />
          <Check name={words.now.checks.bot} status={checks.bot.status} />
          <Check
            name={words.now.checks.channels}
            status={checks.channels.status}
            more={words.now.available(format.count(checks.channels.available))}
          />
        </ul>
      )}
      {info.data && <Features info={info.data} />}
    </section>
  );
}

const KINDS = { ok: "good", error: "bad", disabled: "off" } as const;

function Check({ name, status, more }: { name: string; status: CheckStatus; more?: string }) {
  const { words } = useViewer();
  return (
    <li>
      <span class={`state state-${KINDS[status]}`}>{words.now.checkStatus[status]}</span>
      <span class="list-name">{name}</span>
      <span class="small soft list-end">{more}</span>
    </li>
  );
}

function Features({ info }: { info: InfoData }) {
  const { words, format } = useViewer();
  const on = Object.entries(info.features).flatMap(([name, isOn]) => (isOn ? [name] : []));
  const parts = [
    ...on,
    ...info.adapters,
    words.now.tools(format.count(info.totalTools)),
    ...(info.mcpServers > 0 ? [words.now.servers(format.count(info.mcpServers))] : []),
  ];
  return (
    <p class="features small">
      {words.now.features}:{" "}
      {parts.map((part) => (
        <span key={part} class="badge">
          {part}
        </span>
      ))}
    </p>
  );
}
