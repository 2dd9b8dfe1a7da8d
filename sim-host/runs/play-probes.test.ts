import { expect, it } from "vitest";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../../tests/support/run-host.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { Assertion } from "../topology/topology.ts";
import { playProbe } from "./play-probes.ts";

it("makes no probe after the time of its assertion, and says nothing of it, whatever its node is like by then", async () => {
  const host = aRunHost();
  const id = await aRunningSimulation(host, aThreeTierLab());
  const standing = aStanding("acme");
  await host.services.controlNode(standing, id, "client", "stop");
  await host.reconciler.settled("acme", id);
  const simulation = host.services.get(standing, id);
  const assertion: Assertion = {
    ...{ name: "web answers", expect: "always", fromSeconds: 0, untilSeconds: 2 },
    probe: { kind: "tcp", from: "client", to: "web", port: 80 },
  };
  const deps = {
    prober: {
      prepare: () => Promise.resolve(),
      probe: () => Promise.reject(new Error("made")),
      close: () => Promise.resolve(),
    },
    sights: { look: () => Promise.resolve(undefined) },
  };
  expect(await playProbe(deps, simulation, assertion, 1.9)).toMatchObject({
    isReached: false,
    detail: "client is exited",
  });
  expect(await playProbe(deps, simulation, assertion, 2)).toBeUndefined();
});
