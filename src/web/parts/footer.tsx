import { useLive } from "../live/use-live.ts";
import { useViewer } from "../words/viewer.ts";

export function Footer() {
  const { words, format } = useViewer();
  const version = useLive(({ status }) => status?.version);
  return (
    <footer class="foot">
      <span>botel {version}</span>
      <a href="/api/openapi.json">{words.footer.openapi}</a>
      <a href="/metrics">{words.footer.metrics}</a>
      <span>{words.footer.times(format.zone)}</span>
    </footer>
  );
}
