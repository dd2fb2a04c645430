/** @returns the samples of a metric of a scrape, summed by one label; "" where it is absent */
export function sums(scrape: string, metric: string, label: string): Map<string, number> {
  const byLabel = new Map<string, number>();
  for (const line of scrape.split("\n")) {
    if (!line.startsWith(`${metric}{`)) continue;
    const end = line.lastIndexOf("}");
    const value = new RegExp(`[{,]${label}="([^"]*)"`).exec(line.slice(0, end))?.[1] ?? "";
    byLabel.set(
      value,
      (byLabel.get(value) ?? 0) +
        Number(
          line
            .slice(end + 1)
            .trim()
            .split(" ")[0],
        ),
    );
  }
  return byLabel;
}
