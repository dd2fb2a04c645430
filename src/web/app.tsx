import { useEffect, useMemo, useState } from "preact/hooks";
import type { Live } from "./live/live.ts";
import { LiveContext } from "./live/use-live.ts";
import { readChoice, writeChoice } from "./parts/choice.ts";
import { Footer } from "./parts/footer.tsx";
import { Header } from "./parts/header.tsx";
import { DemoNote, LinkNote } from "./parts/notes.tsx";
import { readTheme, showTheme, type Theme, writeTheme } from "./parts/theme.ts";
import { SignIn } from "./parts/sign-in.tsx";
import { type Route, useRoute } from "./route.ts";
import { useSession } from "./session.ts";
import { LogsView } from "./views/logs/logs.tsx";
import { NowView } from "./views/now/now.tsx";
import { StatsView } from "./views/stats/stats.tsx";
import { TraceView } from "./views/trace/trace.tsx";
import { createViewer, type Language, ViewerContext } from "./words/viewer.ts";

export function App({ live }: { live: Live }) {
  const [chosen, setChosen] = useState(readChoice("language") as Language | undefined);
  const [theme, setTheme] = useState(readTheme);
  const viewer = useMemo(() => createViewer(navigator.languages, chosen), [chosen]);
  const route = useRoute();
  const { out } = useSession();
  const place = placeOf(route);
  const title =
    out !== undefined
      ? viewer.words.signIn.title
      : {
          now: viewer.words.now.title,
          stats: viewer.words.stats.title,
          logs: viewer.words.logs.title,
          trace: viewer.words.trace.title,
        }[place];

  useEffect(() => void (document.documentElement.lang = viewer.language === "zh" ? "zh-Hans" : "en"), [viewer]);
  useEffect(() => void (document.title = `${title} · botel`), [title]);
  useEffect(() => scrollTo(0, 0), [route.path]);

  const header = {
    place,
    theme,
    onLanguage: (language: Language) => {
      writeChoice("language", language);
      setChosen(language);
    },
    onTheme: (next: Theme) => {
      writeTheme(next);
      // Before anything is drawn: charts take their colours from what is shown then.
      showTheme(next);
      setTheme(next);
    },
  };
  return (
    <ViewerContext.Provider value={viewer}>
      <LiveContext.Provider value={live}>
        <Header {...header} />
        {out === undefined && <LinkNote />}
        {out === undefined && <DemoNote />}
        <main id="content" tabIndex={-1} aria-label={title}>
          {out === undefined ? <View place={place} route={route} theme={theme} /> : <SignIn why={out} />}
        </main>
        {out === undefined && <Footer />}
      </LiveContext.Provider>
    </ViewerContext.Provider>
  );
}

export type Place = "now" | "stats" | "logs" | "trace";

function placeOf({ path }: Route): Place {
  const [first] = path.split("/");
  return first === "stats" || first === "logs" || first === "trace" ? first : "now";
}

/** Charts are drawn anew in other colours: they can not follow the style sheet by themselves. */
function View({ place, route, theme }: { place: Place; route: Route; theme: Theme }) {
  if (place === "stats") return <StatsView key={theme} params={route.params} />;
  if (place === "logs") return <LogsView tab={route.path.split("/")[1] ?? "lines"} params={route.params} />;
  if (place === "trace") return <TraceView traceId={route.path.split("/")[1] ?? ""} at={route.params["at"]} />;
  return <NowView key={theme} />;
}
