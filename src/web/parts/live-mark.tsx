import { useLive, useNow } from "../live/use-live.ts";
import { useViewer } from "../words/viewer.ts";

/** Whether what is seen is live, with a beat at each sign of life. */
export function LiveMark() {
  const { words, format } = useViewer();
  const { link, beats, beatAt } = useLive(({ link, beats, beatAt }) => ({ link, beats, beatAt }));
  const quietFor = Math.max(0, useNow(1000) - beatAt);
  return (
    <span class={`mark mark-${link}`} title={words.link.beat(format.duration(Math.floor(quietFor / 1000) * 1000))}>
      <span class="dot" key={link === "open" ? beats : link} />
      {words.link[link]}
    </span>
  );
}
