import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { budgetOf } from "../../../sim-host/topology/budget.ts";
import { lacksOf } from "../../../sim-host/topology/plan-gap.ts";
import { simulationSchema } from "../../../sim-host/topology/topology-schema.ts";
import { readTopology } from "../../../sim-host/topology/read-topology.ts";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".yaml"));
const read = (name: string) =>
  readTopology(readFileSync(join(import.meta.dirname, name), "utf8"), { images: ["toolbox"] });

describe.each(files)("the example %s", (name) => {
  it("is valid, without as much as a warning", () => {
    expect(read(name)).toMatchObject({ kind: "read", findings: [] });
  });

  it("fits into the smallest plan", () => {
    const found = read(name);
    if (found.kind !== "read") throw new Error("It is not valid.");
    expect(lacksOf(budgetOf(found.topology, "free"), "free")).toEqual({ lacks: [], requiredPlan: null });
  });
});

it("shows in its reference what can be written, and writes it as it must be", () => {
  const text = readFileSync(join(import.meta.dirname, "../edit/reference.yaml"), "utf8");
  const found = readTopology(text, { images: ["toolbox"] });
  expect(found).toMatchObject({ kind: "read", findings: [] });
  const known = simulationSchema()["properties"];
  for (const member of Object.keys(known ?? {}))
    if (member !== "$schema") expect(text).toMatch(new RegExp(`^${member}:`, "m"));
});

it("has a cable, a lab with a timeline and assertions, and a network with a switch", () => {
  const topologies = files.map(read).flatMap((found) => (found.kind === "read" ? [found.topology] : []));
  expect(topologies).toHaveLength(3);
  const shapes = topologies.map(({ links }) => Math.max(...links.map(({ nodes }) => nodes.length)));
  expect(shapes.toSorted()).toEqual([2, 2, 4]);
  expect(topologies.filter(({ timeline, assertions }) => timeline.length > 0 && assertions.length > 0)).toHaveLength(2);
});
