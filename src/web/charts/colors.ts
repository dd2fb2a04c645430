/** Colours that a canvas needs as values; the style sheet names them, for light and for dark. */
export interface Colors {
  ink: string;
  line: string;
  bar: string;
  gap: string;
  card: string;
}

/** @param token the style sheet's name of the bars' colour */
export function readColors(within: HTMLElement, token: string): Colors {
  const probe = within.appendChild(document.createElement("i"));
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    ink: read("ink-soft"),
    line: read("line-soft"),
    bar: read(token),
    gap: read("gap"),
    card: read("card"),
  };
  probe.remove();
  return colors;
}
