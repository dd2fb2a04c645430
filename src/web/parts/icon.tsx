const PATHS = {
  pulse: "M2 13h4l3-8 4.5 14 3-9 1.5 3h4",
  auto: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7a5 5 0 0 1 0 10",
  light:
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5",
  dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  trace: "M4 6h9M8 12h9M12 18h8",
  back: "M14 6l-6 6 6 6",
  message: "M5 5h14v10H11l-4 4v-4H5z",
  request: "M5 12h14M13 6l6 6-6 6",
  tool: "M14.5 5.5a4.5 4.5 0 0 0-5.8 5.8L4 16v4h4l4.700-4.700a4.500 4.500 0 0 0 5.800-5.800L15.500 12.500l-3-3z",
  log: "M6 7h12M6 12h12M6 17h7",
  span: "M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  up: "M12 19V6M6.500 11.500 12 6l5.500 5.500",
  down: "M12 5v13M6.500 12.500 12 18l5.500-5.500",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words that say the same. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
