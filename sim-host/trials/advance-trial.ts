import type { AllowedImage } from "../engine/image-list.ts";
import type { RunServices } from "../runs/run-services.ts";
import type { Records } from "../simulations/records.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { Simulation } from "../simulations/simulation.ts";
import { failedTrial, judgeTrial } from "./judge-trial.ts";
import type { ReportDeps } from "./report-trial.ts";
import { giveUp, makeReportTrial } from "./report-trial.ts";
import type { Trial, TrialResult } from "./trial.ts";

export interface AdvanceDeps extends ReportDeps {
  readonly services: Pick<SimulationServices, "control">;
  readonly records: Pick<Records, "find">;
  readonly runs: Pick<RunServices, "start" | "newest" | "get">;
  readonly images: readonly AllowedImage[];
}

const runsMax = 3;

/** A host that was started with another image under the same name makes its nodes anew: of something else. */
const isMadeOfTheSame = ({ images }: Trial, allowed: readonly AllowedImage[]): boolean =>
  images.every(({ name, imageId }) => allowed.some((image) => image.name === name && image.imageId === imageId));

/**
 * Takes a trial one step on; whatever was done by a process that was killed since is found and not done again. Steps: begin a
 * run once the simulation runs, keep what came out, stop the simulation, tell the control plane.
 */
export const makeAdvanceTrial = (deps: AdvanceDeps): ((trial: Trial) => Promise<void>) => {
  const { store, services, records, runs, images, clock } = deps;
  const report = makeReportTrial(deps);
  const keep = (trial: Trial): Trial => {
    store.forTenant(trial.tenantId).replace(trial);
    return trial;
  };
  const end = (trial: Trial, result: TrialResult): Trial => keep({ ...trial, result, status: "unreported" });
  const beginRun = (trial: Trial): void => {
    if (trial.runsBegun >= runsMax) {
      const reason = `The host could not look at it in ${runsMax} runs: it was restarted, or too busy.`;
      end(trial, failedTrial(reason, clock()));
      return;
    }
    runs.start(trial.standing, trial.simulationId);
    keep({ ...trial, runsBegun: trial.runsBegun + 1 });
  };
  const followRun = (trial: Trial, simulation: Simulation): void => {
    const newest = runs.newest(trial.standing, simulation.id);
    if (newest === undefined || newest.status === "interrupted") beginRun(trial);
    else if (newest.status === "cancelled") giveUp(deps, trial, "its run was cancelled");
    else if (newest.status !== "running") {
      const result = judgeTrial(trial, simulation, runs.get(trial.standing, simulation.id, newest.id));
      if (result === undefined) beginRun(trial);
      else end(trial, result);
    }
  };
  const watch = (trial: Trial): void => {
    const simulation = records.find(trial.tenantId, trial.simulationId);
    if (simulation === undefined) giveUp(deps, trial, "its simulation was deleted");
    else if (simulation.error !== undefined) end(trial, failedTrial(simulation.error.detail, clock()));
    else if (simulation.wanted !== "running") giveUp(deps, trial, `its simulation was ${simulation.wanted}`);
    else if (!isMadeOfTheSame(trial, images)) giveUp(deps, trial, "the host has another image under the same name");
    else if (simulation.status === "running") followRun(trial, simulation);
  };
  const stopOnce = async (trial: Trial): Promise<Trial> => {
    if (trial.isStopped) return trial;
    const { standing, simulationId } = trial;
    if (records.find(standing.tenantId, simulationId)?.wanted === "running") {
      await services.control(standing, simulationId, "stop");
    }
    return keep({ ...trial, isStopped: true });
  };
  return async (trial) => {
    if (trial.status === "running") watch(trial);
    else await report(await stopOnce(trial));
  };
};
