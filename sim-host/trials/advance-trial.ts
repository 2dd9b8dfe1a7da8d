import type { Run } from "../runs/run.ts";
import type { RunServices } from "../runs/run-services.ts";
import type { Records } from "../simulations/records.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { ReportDeps } from "./report-trial.ts";
import { giveUp, makeReportTrial } from "./report-trial.ts";
import type { Trial, TrialResult } from "./trial.ts";

export interface AdvanceDeps extends ReportDeps {
  readonly services: Pick<SimulationServices, "create" | "control">;
  readonly records: Pick<Records, "find">;
  readonly runs: Pick<RunServices, "start" | "newest" | "get">;
}

const runsMax = 3;
const reasonCharactersMax = 500;

const clipped = (text: string): string => text.slice(0, reasonCharactersMax) || "-";

const resultOf = ({ id, status, reason, endedAt, startedAt, assertions }: Run): TrialResult => {
  const broken = assertions.find(({ verdict }) => verdict !== "passed");
  return {
    ...{ status: status === "passed" ? "passed" : "failed", runId: id, endedAt: endedAt ?? startedAt },
    ...(status === "passed"
      ? {}
      : { reason: clipped(broken === undefined ? (reason ?? "") : `${broken.name}: ${broken.reason}`) }),
    assertions: assertions.map((one) => ({
      ...{ name: clipped(one.name), verdict: one.verdict, reason: clipped(one.reason) },
    })),
  };
};

/**
 * Takes a trial one step on; whatever was done by a process that was killed since is found and not done again. Steps: make
 * the simulation, begin the run once it runs, keep what came out, stop the simulation, tell the control plane.
 */
export const makeAdvanceTrial = (deps: AdvanceDeps): ((trial: Trial) => Promise<void>) => {
  const { store, services, records, runs, clock } = deps;
  const report = makeReportTrial(deps);
  const keep = (trial: Trial): void => store.forTenant(trial.tenantId).replace(trial);
  const failed = (reason: string): TrialResult => ({
    ...{ status: "failed", reason: clipped(reason), endedAt: clock().toISOString(), assertions: [] },
  });
  const stop = async ({ standing, simulationId }: Trial): Promise<void> => {
    if (simulationId === undefined || records.find(standing.tenantId, simulationId)?.wanted !== "running") return;
    await services.control(standing, simulationId, "stop");
  };
  const beginRun = (trial: Trial, simulationId: string): void => {
    if (trial.runsBegun >= runsMax) {
      keep({ ...trial, result: failed("The host was restarted again and again while it ran.") });
      return;
    }
    runs.start(trial.standing, simulationId);
    keep({ ...trial, runsBegun: trial.runsBegun + 1 });
  };
  const watch = (trial: Trial, simulationId: string): void => {
    const simulation = records.find(trial.tenantId, simulationId);
    if (simulation === undefined) giveUp(deps, trial, "its simulation was deleted");
    else if (simulation.error !== undefined) keep({ ...trial, result: failed(simulation.error.detail) });
    else if (simulation.wanted !== "running") giveUp(deps, trial, `its simulation was ${simulation.wanted}`);
    else if (simulation.status === "running") {
      const newest = runs.newest(trial.standing, simulationId);
      if (newest === undefined || newest.status === "interrupted") beginRun(trial, simulationId);
      else if (newest.status === "cancelled") giveUp(deps, trial, "its run was cancelled");
      else if (newest.status !== "running") {
        keep({ ...trial, result: resultOf(runs.get(trial.standing, simulationId, newest.id)) });
      }
    }
  };
  return async (trial) => {
    if (trial.result !== undefined) {
      await stop(trial);
      await report(trial);
    } else if (trial.simulationId === undefined) {
      const options = { start: true, idempotencyKey: trial.id };
      const { simulation } = await services.create(trial.standing, trial.source, options);
      keep({ ...trial, simulationId: simulation.id, source: simulation.source });
    } else {
      watch(trial, trial.simulationId);
    }
  };
};
