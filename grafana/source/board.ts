import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PROMETHEUS } from "./panels.ts";

/** Every dashboard of botel has it: the links between them go by it. */
const TAG = "botel";

/** What every query has: Prometheus says of each series whence it came. */
export const FROM = 'job=~"$job", instance=~"$instance"';

/** Rows of panels by their titles. */
export type Rows = [title: string, panels: Builder<Panel>[]][];

export interface Board {
  uid: string;
  title: string;
  description: string;
  /** Beside the data source. */
  variables: Builder<VariableModel>[];
  rows: Rows;
  /** Shown at first. */
  from?: string;
  /** The variable that names where the data come from. */
  datasource?: Builder<VariableModel>;
}

/** A dashboard that cannot be edited where it is shown: it comes from here. */
export function board({ uid, title, description, variables, rows, from = "now-6h", datasource }: Board): Dashboard {
  const made = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .refresh("30s")
    .time({ from, to: "now" })
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([datasource ?? prometheus(), ...variables, botelAddress()])
    .link(
      new DashboardLinkBuilder("botel")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true)
        .asDropdown(false),
    )
    .link(
      new DashboardLinkBuilder("Live page")
        .type(DashboardLinkType.Link)
        .icon("external link")
        .url("${botel}/")
        .targetBlank(true),
    );
  for (const [name, panels] of rows) {
    made.withRow(new RowBuilder(name));
    for (const panel of panels) made.withPanel(panel);
  }
  return numbered(made.build());
}

/** Panels by number, in the order that they are read in: links to one stay right as long as that order does. */
function numbered(dashboard: Dashboard): Dashboard {
  for (const [at, panel] of (dashboard.panels ?? []).entries()) panel.id = at + 1;
  return dashboard;
}

function prometheus(): Builder<VariableModel> {
  return new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus");
}

/** Where a browser finds botel's page, for links to a turn. */
function botelAddress(): Builder<VariableModel> {
  const at = "http://localhost:3000";
  return new TextBoxVariableBuilder("botel")
    .label("Address of botel")
    .description("Where a browser finds botel's page: links to a turn lead there.")
    .defaultValue(at)
    .current({ text: at, value: at });
}

/** @param query as Grafana's Prometheus data source takes it */
function oneOf(name: string, label: string, query: string): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ text: "All", value: "$__all" });
}

export const job = () => oneOf("job", "Job", "label_values(botel_build_info, job)");
export const instance = () => oneOf("instance", "Instance", 'label_values(botel_build_info{job=~"$job"}, instance)');
export const channel = () => oneOf("channel", "Channel", `label_values(bot_requests_total{${FROM}}, bot_channel_id)`);
export const model = () => {
  const query = `label_values(bot_requests_total{${FROM}, bot_channel_id=~"$channel"}, gen_ai_request_model)`;
  return oneOf("model", "Model", query);
};
