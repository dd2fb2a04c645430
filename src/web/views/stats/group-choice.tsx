import type { GroupRow } from "../../../contract/wire/stats.ts";
import { useViewer } from "../../words/viewer.ts";

export function GroupChoice(props: {
  groups: readonly GroupRow[];
  value?: string;
  onChange: (groupId: string | undefined) => void;
}) {
  const { groups, value, onChange } = props;
  const { words } = useViewer();
  const isListed = value === undefined || groups.some(({ groupId }) => groupId === value);
  return (
    <label class="field">
      <span class="unseen">{words.stats.group}</span>
      <select value={value ?? ""} onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}>
        <option value="">{words.stats.allGroups}</option>
        {!isListed && <option value={value}>{value}</option>}
        {groups.map(({ groupId, name }) => (
          <option key={groupId} value={groupId}>
            {name === groupId ? name : `${name} (${groupId})`}
          </option>
        ))}
      </select>
    </label>
  );
}
