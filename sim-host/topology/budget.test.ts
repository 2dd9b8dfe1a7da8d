import { assert, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetOf, runSecondsOf } from "./budget.ts";
import { writtenTopology } from "./fixtures/arbitrary-topology.ts";
import { lacksOf } from "./plan-gap.ts";
import { simulationLimits } from "./simulation-limits.ts";
import type { Topology, TopologyNode } from "./topology.ts";

const node = (name: string, cpus = 0.1): TopologyNode => ({
  ...{ name, image: "toolbox", environment: {} },
  limits: { memoryMegabytes: 64, cpus, pidsMax: 64 },
});
const lab = (count: number, changed: Partial<Topology> = {}): Topology => ({
  ...{ name: "lab", seed: 1, links: [], timeline: [], assertions: [] },
  nodes: Array.from({ length: count }, (_, index) => node(`n${index}`)),
  ...changed,
});

describe("the budget of a topology", () => {
  it("is the sum of its nodes and links, with the plan's time", () => {
    const links = [{ name: "l", nodes: ["n0", "n1", "n2"], impairment: {}, directions: [] }];
    expect(budgetOf(lab(3, { links }), "pro")).toEqual({
      ...{ nodes: 3, links: 1, memoryMegabytes: 192, cpus: 0.3, addresses: 3, minutes: 480, runMinutes: 0 },
    });
  });

  it("counts a run until its last event is undone and its last assertion decided", () => {
    const pause = { kind: "node", node: "n0", action: "pause", atSeconds: 50, forSeconds: 11 } as const;
    const probe = { kind: "tcp", from: "n0", to: "n1", port: 80 } as const;
    const assertion = { name: "x", probe, expect: "always", fromSeconds: 0, untilSeconds: 121 } as const;
    expect(runSecondsOf(lab(2, { timeline: [pause] }))).toBe(61);
    expect(budgetOf(lab(2, { timeline: [pause], assertions: [assertion] }), "free").runMinutes).toBe(3);
  });

  it("lacks nothing up to the plan's limits, and each of them beyond", () => {
    const { nodesMax } = simulationLimits.free;
    expect(lacksOf(budgetOf(lab(nodesMax), "free"), "free")).toEqual({ lacks: [], requiredPlan: null });
    const budget = { nodes: 6, links: 5, memoryMegabytes: 513, cpus: 2.25, addresses: 10, minutes: 60, runMinutes: 61 };
    expect(lacksOf(budget, "free")).toEqual({
      lacks: [
        "It has 6 nodes; the plan free gives 5.",
        "It has 5 links; the plan free gives 4.",
        "It needs 513 MB of memory; the plan free gives 512.",
        "It needs 2.25 cpus; the plan free gives 2.",
        "It has a run of 61 minutes; the plan free gives 60.",
      ],
      requiredPlan: "pro",
    });
  });

  it("names the smallest plan that is enough, or none", () => {
    expect(lacksOf(budgetOf(lab(31), "free"), "free").requiredPlan).toBe("enterprise");
    expect(lacksOf(budgetOf(lab(31), "enterprise"), "enterprise")).toEqual({ lacks: [], requiredPlan: null });
    const { lacks, requiredPlan } = lacksOf(budgetOf(lab(101), "free"), "free");
    expect(lacks).not.toEqual([]);
    expect(requiredPlan).toBeNull();
  });

  it("never lacks more on a larger plan", () => {
    assert(
      property(writtenTopology, ({ read }) => {
        const counts = (["free", "pro", "enterprise"] as const).map(
          (plan) => lacksOf(budgetOf(read, plan), plan).lacks.length,
        );
        expect(counts).toEqual(counts.toSorted((left, right) => right - left));
      }),
      { numRuns: 50 },
    );
  });
});
