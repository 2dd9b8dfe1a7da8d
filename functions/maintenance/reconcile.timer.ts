import type { InvocationContext } from "@azure/functions";
import type { UniqueNames } from "../../shared/documents/unique-names.ts";
import type { ReconcileInstances } from "../../shared/instances/reconcile-instances.ts";
import type { KeepCapacity } from "../../shared/instances/scale-out.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { LaunchKeys } from "../../shared/sso/launch-keys.ts";
import type { ReconcileTenants } from "../../shared/tenants/reconcile-tenants.ts";
import type { ProvisioningOf, PurgeWorkflows, ScaleOutOf } from "../http/workflows.ts";

/** One timer, as data: registered by main.ts. `schedule` is NCRONTAB with seconds, UTC. */
export interface Timer {
  readonly name: string;
  readonly schedule: string;
  readonly startsWorkflows?: true;
  readonly run: (context: InvocationContext) => Promise<void>;
}

interface ReconcileDeps {
  readonly reconcileInstances: ReconcileInstances;
  readonly reconcileTenants: ReconcileTenants;
  readonly keepCapacity: KeepCapacity;
  readonly provisioningOf: ProvisioningOf;
  readonly scaleOutOf: ScaleOutOf;
}

interface HousekeepingDeps {
  readonly keys: Pick<LaunchKeys, "rotate">;
  readonly names: Pick<UniqueNames, "sweep">;
  readonly purgeWorkflows: PurgeWorkflows;
  readonly clock: Clock;
}

const sweepMax = 500;
const workflowsKeptMilliseconds = 30 * 24 * 60 * 60_000;

/** One duty that fails (a resource manager that is away, say) keeps no other from being done; the run fails afterwards. */
const doAll = async (duties: readonly (() => Promise<unknown>)[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const duty of duties) {
    try {
      await duty();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
};

/** Takes up work whose worker is gone, enforces deadlines, places who waits and keeps room for who comes. */
export const reconcileTimer = (deps: ReconcileDeps): Timer => ({
  name: "reconcile",
  schedule: "*/10 * * * * *",
  startsWorkflows: true,
  run: (context) =>
    doAll([
      () => deps.reconcileInstances(deps.provisioningOf(context)),
      () => deps.reconcileTenants(deps.scaleOutOf(context)),
      () => deps.keepCapacity(deps.provisioningOf(context)),
    ]),
});

/** Replaces launch keys that are old, and forgets tokens that have expired and workflows that ended a month ago. */
export const housekeepingTimer = ({ keys, names, purgeWorkflows, clock }: HousekeepingDeps): Timer => ({
  name: "housekeeping",
  schedule: "0 7 * * * *",
  startsWorkflows: true,
  run: (context) =>
    doAll([
      () => keys.rotate(false),
      () => names.sweep(sweepMax),
      () => purgeWorkflows(context, new Date(clock().getTime() - workflowsKeptMilliseconds)),
    ]),
});
