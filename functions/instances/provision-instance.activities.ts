import type { InvocationContext } from "@azure/functions";
import { z } from "zod";
import type { ProvisionInstance } from "../../shared/instances/provision-instance.ts";
import type { ReconcileTenants } from "../../shared/tenants/reconcile-tenants.ts";
import type { ScaleOutOf } from "../http/workflows.ts";
import { activity } from "./provision-instance.names.ts";

/** One activity, as data: registered by main.ts. Inputs and results are plain JSON without secrets. */
export interface Activity {
  readonly name: string;
  readonly startsWorkflows?: true;
  readonly run: (input: unknown, context: InvocationContext) => Promise<unknown>;
}

const Input = z.object({ instanceId: z.string(), reason: z.string().optional() });

interface Deps {
  readonly provision: ProvisionInstance;
  readonly reconcileTenants: ReconcileTenants;
  readonly scaleOutOf: ScaleOutOf;
}

const onInstance = (name: string, act: (instanceId: string, reason: string) => Promise<unknown>): Activity => ({
  name,
  run: async (input) => {
    const { instanceId, reason } = Input.parse(input);
    return (await act(instanceId, reason ?? "No reason was given.")) ?? null;
  },
});

/** The workflow's activities. Each may run more than once: the services behind them are idempotent. */
export const provisionInstanceActivities = ({ provision, reconcileTenants, scaleOutOf }: Deps): readonly Activity[] => [
  onInstance(activity.begin, (instanceId) => provision.begin(instanceId)),
  onInstance(activity.check, (instanceId) => provision.checkDeployment(instanceId)),
  onInstance(activity.prepare, (instanceId) => provision.prepare(instanceId)),
  onInstance(activity.activate, (instanceId) => provision.activate(instanceId)),
  onInstance(activity.fail, (instanceId, reason) => provision.fail(instanceId, reason)),
  {
    name: activity.placeWaiting,
    startsWorkflows: true,
    run: (_input, context) => reconcileTenants(scaleOutOf(context)),
  },
];
