import type { Place } from "../app.tsx";
import { href } from "../route.ts";
import { signOut, useSession } from "../session.ts";
import { type Language, LANGUAGES, useViewer } from "../words/viewer.ts";
import { Icon } from "./icon.tsx";
import { LiveMark } from "./live-mark.tsx";
import { type Theme, THEMES } from "./theme.ts";

export interface HeaderProps {
  place: Place;
  theme: Theme;
  onLanguage(language: Language): void;
  onTheme(theme: Theme): void;
}

export function Header({ place, theme, onLanguage, onTheme }: HeaderProps) {
  const { words, language } = useViewer();
  const { out, name } = useSession();
  const other: Language = language === "en" ? "zh" : "en";
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  return (
    <header class="top">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("#content")?.focus()}>
        {words.skip}
      </button>
      <div class="top-row">
        <a class="brand" href={href("")}>
          <Icon name="pulse" /> botel
        </a>
        {out === undefined && (
          <nav aria-label={words.nav.label}>
            <NavLink to="" here={place === "now"} name={words.nav.now} />
            <NavLink to="stats" here={place === "stats"} name={words.nav.stats} />
            <NavLink to="logs" here={place === "logs" || place === "trace"} name={words.nav.logs} />
          </nav>
        )}
        <div class="top-end">
          {out === undefined && <LiveMark />}
          {name !== null && (
            <button type="button" class="quiet" title={name} onClick={() => void signOut().catch(() => {})}>
              {words.signIn.out}
            </button>
          )}
          <button
            type="button"
            class="quiet"
            lang={other === "zh" ? "zh-Hans" : "en"}
            aria-label={`${words.language}: ${LANGUAGES[other]}`}
            onClick={() => onLanguage(other)}
          >
            {other === "zh" ? "中" : "En"}
          </button>
          <button
            type="button"
            class="quiet"
            aria-label={`${words.theme.label}: ${words.theme[theme]}`}
            title={`${words.theme.label}: ${words.theme[theme]}`}
            onClick={() => onTheme(next)}
          >
            <Icon name={theme} />
          </button>
        </div>
      </div>
    </header>
  );
}

function NavLink({ to, here, name }: { to: string; here: boolean; name: string }) {
  return (
    <a href={href(to)} aria-current={here ? "page" : undefined}>
      {name}
    </a>
  );
}
