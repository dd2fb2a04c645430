// The layer rules of ARCHITECTURE.md, as code. A stage imports only types of stages before it and nothing of later ones;
// values come from its own folder, lib/ and contract/. Only the composition (files right under src/, and the
// commands that start it) joins stages.
const STAGES = ["instrument", "ingest", "facts", "store", "rollups", "system", "live", "prometheus", "api", "web"];

const folder = (names) => `^src/(${names.join("|")})/`;

const stageRules = STAGES.flatMap((stage, place) => [
  {
    name: `${stage}-imports-no-value-of-another-stage`,
    comment: "Pass the value in from the composition, or move what both need to contract/ or lib/.",
    severity: "error",
    from: { path: folder([stage]) },
    to: {
      path: folder(STAGES.filter((other) => other !== stage)),
      dependencyTypesNot: ["type-only"],
    },
  },
  {
    name: `${stage}-imports-nothing-of-a-later-stage`,
    comment: "The order is the path of a fact: declare the interface where it is used.",
    severity: "error",
    from: { path: folder([stage]) },
    to: { path: place + 1 < STAGES.length ? folder(STAGES.slice(place + 1)) : "^$" },
  },
]);

const owners = [
  { name: "koa-only-in-api", to: "^(node_modules/)?(koa|@koa/router)(/|$)", from: ["api"] },
  { name: "sql-only-in-store", to: "^(node:)?sqlite$", from: ["store"] },
  {
    name: "opentelemetry-only-at-its-edges",
    to: "^(node_modules/)?@opentelemetry/",
    from: ["instrument", "ingest", "prometheus"],
  },
].map(({ name, to, from }) => ({
  name,
  severity: "error",
  from: { path: "^src/", pathNot: folder(from) },
  to: { path: to, dependencyTypesNot: ["type-only"] },
}));

export default {
  forbidden: [
    ...stageRules,
    ...owners,
    {
      name: "no-cycles",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "contract-and-lib-stand-alone",
      severity: "error",
      from: { path: "^src/(contract|lib)/" },
      to: { path: "^src/", pathNot: "^src/(contract|lib)/" },
    },
    {
      name: "pure-folders-do-no-input-or-output",
      severity: "error",
      from: { path: "^src/(contract|facts|rollups)/" },
      to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "bot-and-demo-use-what-a-user-can",
      severity: "error",
      from: { path: "^src/(bot|demo)/" },
      to: {
        path: "^src/",
        pathNot: "^src/(index\\.ts|lib/|bot/|demo/)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "nothing-but-the-composition-imports-it",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: "^src/commands/" },
      to: { path: "^src/[^/]+\\.ts$", pathNot: "^src/index\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/web/built/" },
    tsPreCompilationDeps: true,
    moduleSystems: ["es6"],
    parser: "swc",
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js"], conditionNames: ["import", "node", "types"] },
    skipAnalysisNotInRules: false,
  },
};
