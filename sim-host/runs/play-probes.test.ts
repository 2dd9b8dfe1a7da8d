import { describe, expect, it } from "vitest";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../../tests/support/run-host.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { SeenContainer } from "../engine/ports.ts";
import type { Assertion } from "../topology/topology.ts";
import { playProbe } from "./play-probes.ts";

const assertion: Assertion = {
  ...{ name: "web answers", expect: "always", fromSeconds: 0, untilSeconds: 2 },
  probe: { kind: "tcp", from: "client", to: "web", port: 80 },
};

/** A prober that reaches everything after 50 ms, and an engine that says what it sees `lookSeconds` after it was asked. */
const stageAt = (startSeconds: number, lookSeconds: number, container?: SeenContainer) => {
  const timeouts: number[] = [];
  let now = startSeconds;
  const deps = {
    seconds: () => now,
    prober: {
      prepare: () => Promise.resolve(),
      probe(_container: unknown, _target: unknown, timeoutMilliseconds: number) {
        timeouts.push(timeoutMilliseconds);
        return Promise.resolve({ isReached: true, milliseconds: 1, detail: "connected", waitedMilliseconds: 50 });
      },
      close: () => Promise.resolve(),
    },
    sights: {
      look() {
        now += lookSeconds;
        return Promise.resolve(container);
      },
    },
  };
  return { deps, timeouts };
};

describe("the time of a probe", () => {
  it("is over with its assertion's: nothing is said of what a node is like by then", async () => {
    const host = aRunHost();
    const id = await aRunningSimulation(host, aThreeTierLab());
    const standing = aStanding("acme");
    await host.services.controlNode(standing, id, "client", "stop");
    await host.reconciler.settled("acme", id);
    const simulation = host.services.get(standing, id);
    const expected = { atSeconds: 1.9, isReached: false, detail: "client is exited" };
    expect(await playProbe(stageAt(1.9, 0).deps, simulation, assertion)).toMatchObject(expected);
    expect(await playProbe(stageAt(2, 0).deps, simulation, assertion)).toBeUndefined();
  });

  it("goes on while the engine is asked where the node is", async () => {
    const host = aRunHost();
    const id = await aRunningSimulation(host, aThreeTierLab());
    const simulation = host.services.get(aStanding("acme"), id);
    const { containerId } = simulation.nodes.find(({ name }) => name === "client") ?? {};
    const container = containerId === undefined ? undefined : await host.engine.inspect(containerId);
    expect(container).toBeDefined();
    const slow = stageAt(1, 0.4, container);
    expect(await playProbe(slow.deps, simulation, assertion)).toMatchObject({ atSeconds: 1.45, isReached: true });
    expect(slow.timeouts).toEqual([600]);
    const tooSlow = stageAt(1, 1, container);
    expect(await playProbe(tooSlow.deps, simulation, assertion)).toBeUndefined();
    expect(tooSlow.timeouts).toEqual([]);
    expect(await playProbe(stageAt(1, 0.5).deps, simulation, assertion)).toMatchObject({
      detail: "client does not run",
    });
    expect(await playProbe(stageAt(1, 1).deps, simulation, assertion)).toBeUndefined();
  });
});
