import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { allBoards } from "./queries.ts";

const ROOT = join(import.meta.dirname, "../..");
const text = (path: string) => readFileSync(join(ROOT, path), "utf8");
const yaml = (path: string) => parse(text(path)) as unknown;

interface Service {
  build?: string;
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  configs?: { source: string; target: string }[];
  depends_on?: string[] | Record<string, { condition: string }>;
}

const compose = yaml("compose.yaml") as { services: Record<string, Service>; volumes: Record<string, null> };
const { botel, prometheus, grafana } = compose.services as Record<"botel" | "prometheus" | "grafana", Service>;

/** What a service sees at a path: the file or folder of this repository that is mounted there, or above it. */
function mountedAt({ volumes = [] }: Service, path: string): string | undefined {
  for (const volume of volumes) {
    const [source = "", target = ""] = volume.split(":");
    if (path !== target && !path.startsWith(`${target}/`)) continue;
    return source.startsWith("./") ? normalize(source + path.slice(target.length)) : undefined;
  }
  return undefined;
}

describe("compose.yaml", () => {
  test("names services, volumes and files that there are", () => {
    expect(Object.keys(compose.services)).toEqual(["botel", "prometheus", "grafana"]);
    for (const [name, service] of Object.entries(compose.services)) {
      const { image, build, volumes = [], depends_on: needs = [] } = service;
      // A version of its own: what was tested is what runs.
      expect(
        image === undefined ? existsSync(join(ROOT, build ?? "", "Dockerfile")) : /:v?\d+\.\d+/.test(image),
        name,
      ).toBe(true);
      for (const other of Array.isArray(needs) ? needs : Object.keys(needs))
        expect(compose.services).toHaveProperty(other);
      for (const volume of volumes) {
        const [source = "", , access] = volume.split(":");
        if (source.startsWith("./"))
          expect([source, existsSync(join(ROOT, source)), access]).toEqual([source, true, "ro"]);
        else expect(compose.volumes).toHaveProperty(source);
      }
    }
  });

  test("Prometheus finds its configuration, and that its rules", () => {
    const [, given = ""] = /--config\.file=(\S+)/.exec(prometheus.command?.join(" ") ?? "") ?? [];
    const config = given.replace("${BOTEL_TOKEN:+-token}", "");
    expect(mountedAt(prometheus, config)).toBe("config/prometheus.yml");
    const withToken = given.replace("${BOTEL_TOKEN:+-token}", "-token");
    expect(mountedAt(prometheus, withToken)).toBe("config/prometheus-token.yml");
    const [plain, other] = [yaml("config/prometheus.yml"), yaml("config/prometheus-token.yml")] as {
      rule_files: string[];
      scrape_configs: { authorization?: { type: string; credentials_file: string } }[];
    }[];
    const authorization = { type: "Bearer", credentials_file: "botel-token" };
    expect(other).toEqual({
      ...plain,
      scrape_configs: plain?.scrape_configs.map((job) => ({ ...job, authorization })),
    });
    expect(prometheus.configs).toEqual([{ source: "botel-token", target: "/botel/config/botel-token" }]);
    for (const pattern of plain?.rule_files ?? []) {
      const folder = mountedAt(prometheus, normalize(join(config, "..", pattern, "..")));
      expect(folder && readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".yaml"))).toEqual([
        "alerts.yaml",
        "recording.yaml",
      ]);
    }
  });

  test("Grafana finds the dashboards where the provisioning says, and the variables that it reads are set", () => {
    const { providers } = yaml("grafana/provisioning/dashboards/botel.yaml") as {
      providers: { options: { path: string } }[];
    };
    const [folder] = providers.map(({ options }) => mountedAt(grafana, options.path));
    expect(readdirSync(join(ROOT, folder ?? ""))).toEqual(
      allBoards()
        .map(({ file }) => file)
        .sort(),
    );
    const home = grafana.environment?.["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] ?? "";
    expect(existsSync(join(ROOT, mountedAt(grafana, home) ?? "no such file"))).toBe(true);
    const sources = text("grafana/provisioning/datasources/botel.yaml").replaceAll(/#.*$/gm, "");
    const used = [...sources.matchAll(/(?<!\$)\$([A-Z_]+)/g)];
    expect(used.length).toBeGreaterThanOrEqual(3);
    for (const [, name = ""] of used) expect(grafana.environment).toHaveProperty(name);
  });

  test("botel keeps its data in a volume", () => {
    const [data] = botel.volumes?.map((volume) => volume.split(":")[1]) ?? [];
    expect(text("Dockerfile")).toContain(`BOTEL_DATA_DIR=${data}`);
  });
});

describe("Grafana's provisioning", () => {
  interface Source {
    uid: string;
    type: string;
    jsonData: { exemplarTraceIdDestinations?: { name: string; url: string }[]; timeInterval?: string };
  }
  const { datasources } = yaml("grafana/provisioning/datasources/botel.yaml") as { datasources: Source[] };

  test("has a data source of each type that the dashboards ask for, and the one that the alerts ask", () => {
    const wanted = allBoards().flatMap(({ board }) =>
      board.templating.list.filter(({ type }) => type === "datasource"),
    );
    expect(new Set(wanted.map(({ query }) => query))).toEqual(new Set(datasources.map(({ type }) => type)));
    const { groups } = yaml("grafana/provisioning/alerting/botel.yaml") as {
      groups: { rules: { condition: string; data: { refId: string; datasourceUid: string }[] }[] }[];
    };
    const uids = groups.flatMap(({ rules }) => rules.flatMap(({ data }) => data.map((query) => query.datasourceUid)));
    expect(new Set(uids)).toEqual(new Set(["botel-prometheus", "__expr__"]));
  });

  test("leads from an exemplar to the turn, and knows how often Prometheus scrapes", () => {
    const { jsonData } = datasources.find(({ type }) => type === "prometheus") as Source;
    expect(jsonData.exemplarTraceIdDestinations).toEqual([
      expect.objectContaining({ name: "trace", url: "$BOTEL_PAGE/#/trace/$${__value.raw}" }),
    ]);
    const { global } = yaml("config/prometheus.yml") as { global: { scrape_interval: string } };
    expect(jsonData.timeInterval).toBe(global.scrape_interval);
  });
});

test("the mixin has every dashboard, alert and rule", () => {
  const jsonnet = (expr: string) =>
    JSON.parse(execFileSync("jsonnet", ["-e", expr], { cwd: join(ROOT, "grafana"), encoding: "utf8" })) as unknown;
  const mixin = jsonnet(
    "local m = import 'mixin.libsonnet'; { d: m.grafanaDashboards, a: m.prometheusAlerts, r: m.prometheusRules }",
  ) as { d: unknown; a: unknown; r: unknown };
  expect(mixin.d).toEqual(Object.fromEntries(allBoards().map(({ file, board }) => [file, board])));
  expect(mixin.a).toEqual(yaml("grafana/rules/alerts.yaml"));
  expect(mixin.r).toEqual(yaml("grafana/rules/recording.yaml"));
});

describe("the Dockerfile", () => {
  const lines = text("Dockerfile")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const of = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  test("knows every instruction, and copies what there is", () => {
    const known = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|EXPOSE|HEALTHCHECK|STOPSIGNAL|CMD) \S/;
    expect(lines.filter((line) => !known.test(line))).toEqual([]);
    const copied = of("COPY").filter((line) => !line.startsWith("--from"));
    for (const path of copied.flatMap((line) => line.split(/\s+/).slice(0, -1))) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    }
  });

  test("is on the Node that the lock file has, runs as a user that is not root, and checks its health", () => {
    const { devDependencies } = JSON.parse(text("package.json")) as { devDependencies: Record<string, string> };
    const [major] = (devDependencies["node"] ?? "").split(".");
    expect(of("FROM").map((line) => line.split(" ")[0])).toEqual([`node:${major}-slim`, `node:${major}-slim`]);
    expect(of("USER")).toEqual(["node"]);
    expect(lines.indexOf("USER node")).toBeLessThan(lines.findIndex((line) => line.startsWith("CMD ")));
    const [check = ""] = of("HEALTHCHECK");
    const command = JSON.parse(check.slice(check.indexOf("[")).trim()) as string[];
    expect(command[0]).toBe("node");
    expect(command[2]).toContain("/readyz");
  });

  test("starts botel by a command that there is", () => {
    const [command] = of("CMD").map((line) => JSON.parse(line) as string[]);
    const [node, ...args] = command ?? [];
    expect(node).toBe("node");
    const help = execFileSync(process.execPath, [...args.slice(0, -1), "--help"], { cwd: ROOT, encoding: "utf8" });
    expect(help).toContain(`botel ${args.at(-1)} `);
  });
});
