import type { InvocationContext } from "@azure/functions";
import { z } from "zod";
import type { InstanceWork } from "../../shared/instances/instance-work.ts";
import type { ProvisionInstance } from "../../shared/instances/provision-instance.ts";
import type { StepOutcome } from "../../shared/instances/provisioning-rules.ts";
import type { RetireInstance } from "../../shared/instances/retire-instance.ts";
import type { ReconcileTenants } from "../../shared/tenants/reconcile-tenants.ts";
import type { ScaleOutOf } from "../http/workflows.ts";
import { activity } from "./provision-instance.names.ts";

/** One activity, as data: registered by main.ts. Inputs and results are plain JSON without secrets. */
export interface Activity {
  readonly name: string;
  readonly startsWorkflows?: true;
  readonly run: (input: unknown, context: InvocationContext) => Promise<unknown>;
}

const Work = z.object({ instanceId: z.string(), operationId: z.string() });
const Undo = Work.extend({ reason: z.string() });

interface Deps {
  readonly provision: ProvisionInstance;
  readonly retireInstance: RetireInstance;
  readonly reconcileTenants: ReconcileTenants;
  readonly scaleOutOf: ScaleOutOf;
}

const step = (name: string, act: (work: InstanceWork) => Promise<StepOutcome>): Activity => ({
  name,
  run: (input) => act(Work.parse(input)),
});

/** The workflows' activities. Each may run more than once: the services behind them are idempotent. */
export const provisionInstanceActivities = (deps: Deps): readonly Activity[] => {
  const { provision, retireInstance, reconcileTenants, scaleOutOf } = deps;
  return [
    step(activity.check, provision.check),
    step(activity.deploy, provision.deploy),
    step(activity.await, provision.awaitDeployment),
    step(activity.prepare, provision.prepare),
    step(activity.activate, provision.activate),
    step(activity.remove, retireInstance),
    {
      name: activity.undo,
      run: (input) => {
        const { reason, ...work } = Undo.parse(input);
        return provision.undo(work, reason);
      },
    },
    {
      name: activity.placeWaiting,
      startsWorkflows: true,
      run: (_input, context) => reconcileTenants(scaleOutOf(context)),
    },
  ];
};
