import { defineConfig } from "vitest/config";

const common = {
  mockReset: true,
  restoreMocks: true,
  unstubEnvs: true,
  globals: false,
  environment: "node" as const,
  execArgv: ["--disable-warning=ExperimentalWarning"],
};

/** They share one Docker engine and the machine's firewall, and some of them measure time: one after the other. */
const onEngine = [
  "sim-host/**/*.e2e.test.ts",
  "local/docker/**/*.e2e.test.ts",
  "tests/e2e/sim-host*.test.ts",
  "tests/e2e/simulations*.test.ts",
];

/** They start engines of their own in networks of their own, and mostly wait. */
const onOwnEngines = ["sim-host/walls/**/*.e2e.test.ts", "local/docker/private-engine.e2e.test.ts"];

/**
 * Four projects: `unit` needs nothing but Node; `e2e` starts real PocketBase, Azurite, the local platform and a browser; `engine`
 * Docker as well, and `own-engines` Docker alone: these two may run side by side.
 */
export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: [
            "{functions,shared,cli,local,scripts,bench,sim-host,web,kong}/**/*.test.ts",
            "tests/{contracts,adapters}/**/*.test.ts",
          ],
          exclude: ["**/*.e2e.test.ts", "**/node_modules/**"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts", "**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**", ...onEngine, ...onOwnEngines],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // Most of them wait more than they compute; each has its own ports and data.
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...common,
          name: "engine",
          include: onEngine,
          globalSetup: ["tests/support/docker-engine.ts"],
          exclude: ["**/node_modules/**", ...onOwnEngines],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...common,
          name: "own-engines",
          include: onOwnEngines,
          exclude: ["**/node_modules/**"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
