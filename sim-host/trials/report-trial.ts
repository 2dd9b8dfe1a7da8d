import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { KitCatalogue, TrialStore } from "./ports.ts";
import type { Trial } from "./trial.ts";

export interface ReportDeps {
  readonly store: TrialStore;
  readonly catalogue: Pick<KitCatalogue, "report">;
  readonly clock: Clock;
  readonly log: Logger;
}

const pauseMilliseconds = 15_000;
const pauseMillisecondsMax = 10 * 60_000;
/** A control plane that is gone for a day and a half: then the result is given up, and the log says so. */
const reportsMax = 220;

/** A trial that ends without a result that anybody keeps. */
export const giveUp = ({ store, log }: Pick<ReportDeps, "store" | "log">, trial: Trial, reason: string): void => {
  log.info("a trial of a kit was given up", { trial: trial.id, kit: trial.kit.id, reason });
  store.forTenant(trial.tenantId).replace({ ...trial, status: "given-up" });
};

/** Tells the control plane what a trial came to, when that is due. While it does not answer, pauses grow to ten minutes. */
export const makeReportTrial =
  (deps: ReportDeps): ((trial: Trial) => Promise<void>) =>
  async (trial) => {
    const { store, catalogue, clock } = deps;
    const tenant = store.forTenant(trial.tenantId);
    if (clock().getTime() < (trial.reportAt ?? 0)) return;
    try {
      if (await catalogue.report(trial)) tenant.replace({ ...trial, status: "reported" });
      else giveUp(deps, trial, "the control plane does not take its result");
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const reportsFailed = trial.reportsFailed + 1;
      if (reportsFailed >= reportsMax) {
        giveUp(deps, trial, error.message);
        return;
      }
      const pause = Math.min(pauseMilliseconds * 2 ** Math.min(trial.reportsFailed, 10), pauseMillisecondsMax);
      tenant.replace({ ...trial, reportsFailed, reportAt: clock().getTime() + pause });
    }
  };
