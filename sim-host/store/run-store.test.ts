import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../../tests/support/run-host.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { Run } from "../runs/run.ts";

const refused = expect.objectContaining({ code: "simulation-state" }) as Error;

const aRun = (simulationId: string, id: string, status: Run["status"] = "passed"): Run => ({
  ...{ tenantId: "acme", simulationId, id, status, seed: 1, standing: aStanding("acme"), durationSeconds: 1 },
  ...{ topology: { name: "lab", digest: "x" }, startedAt: "2026-01-01T00:00:00.000Z" },
  ...{ faults: [], assertions: [], counters: [], captures: [] },
});

describe("the store of runs", () => {
  let host: ReturnType<typeof aRunHost>;
  let simulation: string;
  beforeEach(async () => {
    host = aRunHost();
    simulation = await aRunningSimulation(host, aThreeTierLab());
  });
  afterEach(() => host.file.close());

  it("keeps the 50 newest of a simulation", () => {
    const acme = host.file.runs.forTenant("acme");
    for (let number = 1; number <= 53; number += 1) acme.insert(aRun(simulation, `run-${number}`));
    const ids = acme.list(simulation).map(({ id }) => id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([50, "run-53", "run-4"]);
    expect(acme.newest(simulation)?.id).toBe("run-53");
    expect(host.file.runs.host.listIds().size).toBe(50);
  });

  it("has one running at a time", () => {
    const acme = host.file.runs.forTenant("acme");
    acme.insert(aRun(simulation, "run-1", "running"));
    expect(() => acme.insert(aRun(simulation, "run-2", "running"))).toThrow(refused);
    expect(host.file.runs.host.listRunning().map(({ id }) => id)).toEqual(["run-1"]);
    acme.replace(aRun(simulation, "run-1", "failed"));
    expect(acme.find(simulation, "run-1")?.status).toBe("failed");
    acme.insert(aRun(simulation, "run-2", "running"));
  });

  it("forgets runs with their simulation, and takes in no word of them afterwards", () => {
    const acme = host.file.runs.forTenant("acme");
    acme.insert(aRun(simulation, "run-1", "running"));
    host.file.forTenant("acme").remove(simulation);
    acme.replace(aRun(simulation, "run-1", "passed"));
    expect(host.file.runs.host.listIds().size).toBe(0);
  });

  it("shows nothing of another tenant's", () => {
    const [acme, globex] = [host.file.runs.forTenant("acme"), host.file.runs.forTenant("globex")];
    acme.insert(aRun(simulation, "run-1", "running"));
    globex.replace(aRun(simulation, "run-1", "failed"));
    expect([globex.find(simulation, "run-1"), globex.list(simulation), globex.newest(simulation)]).toEqual([
      ...[undefined, [], undefined],
    ]);
    expect(acme.find(simulation, "run-1")?.status).toBe("running");
  });
});
