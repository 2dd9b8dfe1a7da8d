import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault-rules.ts";
import type { DeploymentFault } from "./records.ts";

/** ARM's words when there is no room; the code tells the control plane that another try will not help. */
export const quotaExceeded = {
  code: "QuotaExceeded",
  message:
    "Operation could not be completed as it results in exceeding approved quota. " +
    "Current Limit: 10, Current Usage: 10, Additional Required: 1. Submit a request for a quota increase.",
} as const;

/** A step that ends with an error code of ARM's. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly code: string;
  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

/** What of a request's fault happens while its deployment runs; kept with it, so that it goes on after a crash. */
export const deploymentFaultOf = (fault: Fault | undefined): DeploymentFault | undefined => {
  switch (fault?.kind) {
    case "quota-exceeded":
      return { failAt: { step: "claim-instance", when: "before", ...quotaExceeded } };
    case "failed-step": {
      const { step, when, code, message } = fault;
      return { failAt: { step, when, code, message } };
    }
    case "slow-steps":
      return {
        stepMilliseconds: fault.milliseconds,
        ...(fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds }),
      };
    default:
      return undefined;
  }
};

/** @throws StepError when this is the moment to fail */
export const failIfAsked = (fault: DeploymentFault | undefined, step: string, when: "before" | "after"): void => {
  const failAt = fault?.failAt;
  if (failAt?.step === step && failAt.when === when) throw new StepError(failAt);
};

/** Takes its time, or less when it is called off. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
