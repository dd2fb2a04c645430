// The dashboards, alerts and recording rules as a monitoring mixin: `mixtool generate all mixin.libsonnet`, or
// `jb install` and import it. They are made by `node grafana/build.ts`.
{
  grafanaDashboards+:: {
    'botel-overview.json': (import 'dashboards/botel-overview.json'),
    'botel-models.json': (import 'dashboards/botel-models.json'),
    'botel-tools.json': (import 'dashboards/botel-tools.json'),
    'botel-errors.json': (import 'dashboards/botel-errors.json'),
    'botel-itself.json': (import 'dashboards/botel-itself.json'),
    'botel-people.json': (import 'dashboards/botel-people.json'),
  },

  prometheusAlerts+:: std.parseYaml(importstr 'rules/alerts.yaml'),

  prometheusRules+:: std.parseYaml(importstr 'rules/recording.yaml'),
}
