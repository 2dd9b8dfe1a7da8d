import { Kit, kitFactsOf } from "../shared/stackkits/kit.ts";
import { validateSpec } from "../shared/stackkits/validate-spec.ts";
import type { Pair } from "./harness.ts";
import { figureOf } from "./harness.ts";

const specsPerRound = 60;
const aimMilliseconds = 5;
const parametersCount = 90;
const linesCount = 500;

const kit = Kit.parse({
  ...{ id: "large", version: "1.0.0", minPlan: "free", name: "Large", summary: "Asks for much.", licence: "MIT" },
  categories: ["media"],
  maintainers: [{ name: "kombify" }],
  architectures: ["amd64"],
  requirements: { memoryMegabytes: 1, diskMegabytes: 1 },
  parameters: Array.from({ length: parametersCount }, (_, index) => ({
    ...{ name: `SETTING_${index}`, type: "string", label: `Setting ${index}`, min: 1, max: 100 },
  })),
  services: [{ name: "web", image: "nginx:1.27.0", summary: "Serves." }],
  ports: [{ name: "web", service: "web", number: 8080, container: 80 }],
  changelog: [{ version: "1.0.0", date: "2026-01-01", added: ["All."] }],
});
const stack = {
  ...{ plan: "free" as const, serviceCount: 1, deploymentNames: ["other"], takenPorts: [{ port: 81, by: "other" }] },
  ...{ nodes: [{ name: "nas", architecture: "amd64", memoryMegabytes: 4_000 }], installed: [] },
};

/** Known parameters, some of them wrong, and after them ever more that nobody knows: a spec that is being written. */
const spec = [
  "name: large",
  "ports:",
  "  web: 8081",
  "parameters:",
  ...Array.from({ length: linesCount - 4 }, (_, index) => {
    if (index % 3 === 0) return "  # What it is for.";
    return `  ${index < parametersCount * 2 ? "SETTING" : "OTHER"}_${index}: ${index % 20 === 1 ? '""' : `value ${index}`}`;
  }),
].join("\n");

/** A spec of 500 lines against its kit and Stack: the 95th percentile of the times, against the aim. */
export const kitValidate = (): Pair => ({
  name: "Kits: validate 500 lines, p95",
  bound: { kind: "ratio", max: 1 },
  measured: "validateSpec",
  baseline: "5 ms, the aim",
  rounds: 10,
  warmUp: 5,
  open: () => {
    const facts = kitFactsOf(kit);
    const measure = (): number => {
      const times = Array.from({ length: specsPerRound }, () => {
        const begin = performance.now();
        if (validateSpec(spec, facts, stack).findings.length === 0) throw new Error("The spec has findings.");
        return performance.now() - begin;
      });
      return figureOf(times).p95;
    };
    return Promise.resolve({
      measure: () => Promise.resolve(measure()),
      compare: () => Promise.resolve(aimMilliseconds),
      close: () => Promise.resolve(),
    });
  },
});
