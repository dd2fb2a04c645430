import { toCsv } from "../show/csv.ts";
import { useViewer } from "../words/viewer.ts";
import { Icon } from "./icon.tsx";

/** The rows as files, as the API gave them. */
export function Download({ name, title, rows }: { name: string; title: string; rows: readonly object[] }) {
  const { words } = useViewer();
  if (rows.length === 0) return null;
  const save = (as: "csv" | "json") => {
    // Excel takes a file for UTF-8 only where it says so.
    const text = as === "csv" ? `\uFEFF${toCsv(rows)}` : `${JSON.stringify(rows, null, 2)}\n`;
    saveFile(`botel-${name}.${as}`, text, as === "csv" ? "text/csv" : "application/json");
  };
  return (
    <span class="downloads">
      <Icon name="download" />
      {(["csv", "json"] as const).map((as) => (
        <button
          key={as}
          type="button"
          class="link"
          aria-label={words.table.download(title, words.table[as])}
          onClick={() => save(as)}
        >
          {words.table[as]}
        </button>
      ))}
    </span>
  );
}

function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
