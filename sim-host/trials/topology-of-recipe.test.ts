import { describe, expect, it } from "vitest";
import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import { budgetOf } from "../topology/budget.ts";
import { lacksOf } from "../topology/plan-gap.ts";
import { readTopology } from "../topology/read-topology.ts";
import { topologyOfRecipe } from "./topology-of-recipe.ts";

const service = (name: string) => ({ name, image: `${name}:1.0.0`, environment: { MODE: "a b=c" } });
const recipe = (change: Partial<TrialRecipe> = {}): TrialRecipe => ({
  kit: { id: "wiki", name: "Wiki", version: "1.0.0", sha256: "ab" },
  ...{ memoryMegabytes: 300, startSeconds: 20 },
  services: [{ ...service("web"), command: ["serve", "--now"] }, service("db")],
  ports: [
    { name: "site", service: "web", number: 8080, http: { path: "/", status: 200 } },
    { name: "sql", service: "db", number: 5432 },
  ],
  ...change,
});
const topologyOf = (given: TrialRecipe) => {
  const source = topologyOfRecipe(given, {
    images: given.services.map(({ name }) => `the-${name}`),
    visitorImage: "small",
  });
  const images = ["small", ...given.services.map(({ name }) => `the-${name}`)];
  const read = readTopology(source, { images });
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.findings));
  return read.topology;
};

describe("the topology of a trial", () => {
  it("has every service as it runs, and somebody who visits them", () => {
    const { name, nodes, links } = topologyOf(recipe());
    expect(name).toBe("Wiki 1.0.0 on trial");
    expect(nodes).toMatchObject([
      { name: "web", image: "the-web", command: ["serve", "--now"], environment: { MODE: "a b=c" } },
      { name: "db", image: "the-db", limits: { memoryMegabytes: 142 } },
      { name: "visitor", image: "small", command: ["sleep", "infinity"] },
    ]);
    expect(links).toMatchObject([{ nodes: ["web", "db", "visitor"] }]);
  });

  it("looks at every port when it starts, when everything was killed and over a bad line", () => {
    const { timeline, assertions } = topologyOf(recipe());
    expect(assertions.map(({ name, fromSeconds, untilSeconds }) => [name, fromSeconds, untilSeconds])).toEqual([
      ["site answers", 0, 20],
      ["sql answers", 0, 20],
      ["site answers again after everything was killed", 21, 41],
      ["sql answers again after everything was killed", 21, 41],
      ["site answers over a bad line", 41, 46],
      ["sql answers over a bad line", 41, 46],
    ]);
    expect(assertions[0]?.probe).toEqual({
      ...{ kind: "http", from: "visitor", to: "web", port: 8080, path: "/", status: 200 },
    });
    expect(assertions[1]?.probe).toEqual({ kind: "tcp", from: "visitor", to: "db", port: 5432 });
    expect(timeline).toMatchObject([
      { kind: "node", node: "web", action: "kill", atSeconds: 20 },
      { kind: "node", node: "db", action: "kill", atSeconds: 20 },
      { kind: "node", node: "web", action: "start", atSeconds: 21 },
      { kind: "node", node: "db", action: "start", atSeconds: 21 },
      { kind: "impair", link: "lan", atSeconds: 41, forSeconds: 5 },
    ]);
  });

  it("fits the smallest plan when the kit does", () => {
    const services = ["a", "b", "c", "d"].map(service);
    const ports = [{ name: "site", service: "a", number: 80 }];
    const topology = topologyOf(recipe({ services, ports, memoryMegabytes: 512 }));
    expect(lacksOf(budgetOf(topology, "free"), "free").lacks).toEqual([]);
  });

  it("takes another visitor's name when a service has it, and small services as they are", () => {
    const given = recipe({ services: [service("visitor")], ports: [{ name: "web", service: "visitor", number: 80 }] });
    expect(topologyOf(given).nodes.map(({ name }) => name)).toEqual(["visitor", "guest"]);
    expect(topologyOf(recipe({ memoryMegabytes: 1 })).nodes[0]?.limits.memoryMegabytes).toBe(32);
  });
});
