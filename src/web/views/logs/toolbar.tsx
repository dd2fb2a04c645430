import { useAnswer } from "../../answer.ts";
import type { ToolsData } from "../../../contract/wire/stats.ts";
import { Segments } from "../../parts/segments.tsx";
import { useViewer } from "../../words/viewer.ts";

export type Params = Readonly<Record<string, string>>;

export interface ToolbarProps {
  tab: "lines" | "tools" | "errors";
  params: Params;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onParams: (changed: Record<string, string | undefined>) => void;
}

export function Toolbar({ tab, params, follow, onFollow, onParams }: ToolbarProps) {
  const { words } = useViewer();
  const before = params["before"];
  return (
    <div class="toolbar">
      {tab === "lines" && <LevelChoice params={params} onParams={onParams} />}
      {tab === "tools" && <ToolFilters params={params} onParams={onParams} />}
      <label class="field">
        <span>{words.logs.before}</span>
        <input
          type="datetime-local"
          value={before ? localTime(before) : ""}
          onChange={({ currentTarget }) => onParams({ before: utcTime(currentTarget.value) })}
        />
      </label>
      <label class="switch" title={words.logs.tailHint}>
        <input
          type="checkbox"
          role="switch"
          checked={follow && !before}
          onChange={({ currentTarget }) => {
            onFollow(currentTarget.checked);
            if (before) onParams({ before: undefined });
          }}
        />
        {words.logs.tail}
      </label>
    </div>
  );
}

type FilterProps = Pick<ToolbarProps, "params" | "onParams">;

const LEVELS = ["all", "error", "warn", "info", "debug"] as const;

function LevelChoice({ params, onParams }: FilterProps) {
  const { words } = useViewer();
  const { levels, level } = words.logs;
  return (
    <Segments
      name="level"
      label={level}
      options={LEVELS.map((each) => [each, levels[each]] as const)}
      value={LEVELS.find((each) => each === params["level"]) ?? "all"}
      onChange={(chosen) => onParams({ level: chosen === "all" ? undefined : chosen })}
    />
  );
}

const OUTCOMES = ["all", "success", "error"] as const;

function ToolFilters({ params, onParams }: FilterProps) {
  const { words } = useViewer();
  const { outcomes, status } = words.logs;
  return (
    <>
      <Segments
        name="status"
        label={status}
        options={OUTCOMES.map((each) => [each, outcomes[each]] as const)}
        value={OUTCOMES.find((each) => each === params["status"]) ?? "all"}
        onChange={(chosen) => onParams({ status: chosen === "all" ? undefined : chosen })}
      />
      <ToolChoice params={params} onParams={onParams} />
      <label class="field">
        <span>{words.logs.user}</span>
        <input
          type="text"
          size={12}
          value={params["userId"] ?? ""}
          onChange={({ currentTarget }) => onParams({ userId: currentTarget.value.trim() || undefined })}
        />
      </label>
    </>
  );
}

function ToolChoice({ params, onParams }: FilterProps) {
  const { words } = useViewer();
  const { data } = useAnswer<ToolsData>("/api/stats/tools");
  const value = params["toolName"];
  const names = data?.tools.map(({ name }) => name) ?? [];
  return (
    <label class="field">
      <span class="unseen">{words.logs.tool}</span>
      <select
        value={value ?? ""}
        onChange={({ currentTarget }) => onParams({ toolName: currentTarget.value || undefined })}
      >
        <option value="">{words.logs.anyTool}</option>
        {[...new Set(value ? [value, ...names] : names)].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a field for local times takes; empty for a place in a list, which is no time that is shown. */
function localTime(before: string): string {
  const ms = Date.parse(before);
  if (Number.isNaN(ms)) return "";
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function utcTime(local: string): string | undefined {
  const ms = Date.parse(local);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
