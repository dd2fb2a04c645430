import { afterAll, beforeAll } from "vitest";
import { cleanUp } from "../started/started.ts";
import { endBots, installPackage, type Installed } from "./installed.ts";
import { startModel, type Model } from "./model.ts";
import { registerCases } from "./register-cases.ts";
import { tarballCases } from "./tarball-cases.ts";
import { troubleCases } from "./trouble-cases.ts";
import { createWorld } from "./world.ts";

// One installation for all: it takes the longest.
let installed: Installed;
let model: Model;

beforeAll(async () => {
  installed = installPackage();
  model = await startModel();
}, 600_000);
afterAll(async () => {
  endBots();
  model?.close();
  await cleanUp();
  installed?.remove();
});

const world = createWorld(
  () => installed,
  () => model.url,
);

tarballCases(world);
registerCases(world);
troubleCases(world);
