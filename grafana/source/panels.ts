import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DataTransformerConfig,
  DashboardLinkBuilder,
  DashboardLinkType,
  type DynamicConfigValue,
  MappingType,
  type Panel,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** Of 24 columns, and in rows of about 30 px. */
export interface Size {
  width: number;
  height: number;
}

interface About {
  title: string;
  /** What the number means, and what a strange one says. */
  description: string;
  /** Grafana's name of the unit. */
  unit: string;
  size?: Size;
}

export interface Query {
  expr: string;
  legend?: string;
  /** Shows an exemplar of each bucket: a way from the number to one turn. */
  exemplar?: boolean;
}

/** The variable that names Prometheus. */
export const PROMETHEUS = { type: "prometheus", uid: "$datasource" };

const QUARTER: Size = { width: 6, height: 4 };
const HALF: Size = { width: 12, height: 8 };

/** One number, with its course behind it. */
export function stat({ title, description, unit, size = QUARTER, ...rest }: About & StatMore): Builder<Panel> {
  const panel = new StatBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(PROMETHEUS)
    .height(size.height)
    .span(size.width)
    .graphMode(rest.line === false ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .colorMode(rest.steps === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .thresholds(thresholds(rest.steps ?? []));
  return withQueries(panel, rest.queries);
}

interface StatMore {
  queries: Query[];
  /** From which value on it has which colour; before the first it is green. */
  steps?: [from: number, color: string][];
  line?: boolean;
}

/** Lines over time: rates, latencies. */
export function lines({
  title,
  description,
  unit,
  size = HALF,
  queries,
}: About & { queries: Query[] }): Builder<Panel> {
  return withQueries(graph({ title, description, unit, size }).fillOpacity(8).spanNulls(false), queries);
}

/** One bar an hour, stacked: what shows a quiet bot, where a minute says nothing. */
export function hourly({
  title,
  description,
  unit,
  size = HALF,
  queries,
}: About & { queries: Query[] }): Builder<Panel> {
  const panel = graph({ title, description, unit, size })
    .interval("1h")
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return withQueries(panel, queries);
}

function graph({ title, description, unit, size = HALF }: About): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .datasource(PROMETHEUS)
    .height(size.height)
    .span(size.width)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

/** States over time, one row a thing. */
export function timeline(
  about: About & { queries: Query[]; states: Record<string, [text: string, color: string]> },
): Builder<Panel> {
  const { title, description, unit, size = HALF, queries, states } = about;
  const options = Object.fromEntries(
    Object.entries(states).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
  const mapping = { type: MappingType.ValueToText, options } as ValueMapping;
  const panel = new TimelineBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(PROMETHEUS)
    .height(size.height)
    .span(size.width)
    .mergeValues(true)
    .mappings([mapping]);
  return withQueries(panel, queries);
}

/** Instant queries side by side, one row for each set of labels; `columns` name the queries A, B, …. */
export function table(about: About & { queries: Query[]; columns: Column[]; rename?: Names }): Builder<Panel> {
  const { title, description, unit, size = { width: 24, height: 9 }, queries, columns, rename = {} } = about;
  const letters = columns.map((_, at) => String.fromCodePoint(65 + at));
  const named = Object.fromEntries(columns.map(({ name }, at) => [`Value #${letters[at]}`, name]));
  const organize: DataTransformerConfig = {
    id: "organize",
    options: { excludeByName: { Time: true }, renameByName: { ...rename, ...named, Value: columns[0]?.name } },
  };
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(PROMETHEUS)
    .height(size.height)
    .span(size.width)
    .transformations([{ id: "merge", options: {} }, organize]);
  for (const column of columns) panel.overrideByName(column.name, propertiesOf(column));
  for (const [at, { expr }] of queries.entries()) {
    panel.withTarget(
      new DataqueryBuilder()
        .refId(letters[at] ?? "A")
        .expr(expr)
        .instant()
        .format(PromQueryFormat.Table)
        .datasource(PROMETHEUS),
    );
  }
  return panel;
}

type Names = Record<string, string>;

interface Column {
  name: string;
  unit: string;
}

function propertiesOf({ unit }: Column): DynamicConfigValue[] {
  return [{ id: "unit", value: unit }];
}

/** A link in a table or graph. */
export function link(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true);
}

function withQueries<P extends { withTarget(target: DataqueryBuilder): P }>(panel: P, queries: readonly Query[]): P {
  for (const [at, { expr, legend, exemplar }] of queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCodePoint(65 + at))
      .expr(expr)
      .range()
      .datasource(PROMETHEUS);
    if (legend !== undefined) query.legendFormat(legend);
    if (exemplar) query.exemplar(true);
    panel = panel.withTarget(query);
  }
  return panel;
}

function thresholds(steps: readonly [number, string][]): Builder<ThresholdsConfig> {
  const all = [{ value: null, color: "green" }, ...steps.map(([value, color]) => ({ value, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all);
}
