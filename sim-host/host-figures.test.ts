import { expect, test } from "vitest";
import { aHost, aStanding, aTopology } from "../tests/support/sim-host.ts";
import { makeHostFigures } from "./host-figures.ts";

test("a host counts what is not at rest, and the subnets it has given out", async () => {
  const host = aHost();
  let areWallsUp = true;
  const figures = makeHostFigures({ store: host.store, areWallsUp: () => areWallsUp, subnetRange: "10.111.0.0/24" });
  const rest = { simulationsByStatus: {}, nodesByState: {}, queueLength: 0, areWallsUp: true };
  expect(figures()).toEqual({ ...rest, subnets: { used: 0, free: 8 } });
  const acme = aStanding("acme");
  const source = JSON.stringify(aTopology(["a", "b"]));
  const { simulation } = await host.services.create(acme, source, { start: true });
  await host.services.create(acme, source, { start: false });
  await host.reconciler.settled("acme", simulation.id);
  await host.services.controlNode(acme, simulation.id, "b", "pause");
  await host.reconciler.settled("acme", simulation.id);
  areWallsUp = false;
  expect(figures()).toEqual({
    simulationsByStatus: { running: 1 },
    nodesByState: { running: 1, paused: 1 },
    ...{ queueLength: 0, areWallsUp: false, subnets: { used: 1, free: 7 } },
  });
});
