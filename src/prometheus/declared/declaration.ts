/** One metric: what OpenTelemetry calls it, and what follows from that for Prometheus. */
export interface Declaration {
  /** OpenTelemetry's name; see {@link prometheusName} for the other. */
  name: string;
  type: "counter" | "gauge" | "histogram";
  /** UCUM: `s`, `By`, or a word in braces for a count. */
  unit: string;
  /** Attribute names; Prometheus has `_` for each `.`. */
  labels: readonly string[];
  /** Which of the values of a gauge counts where several series are one; default: the smallest. */
  worst?: "max";
  /** Series at the most, the `other` ones among them. */
  series: number;
  help: string;
}
