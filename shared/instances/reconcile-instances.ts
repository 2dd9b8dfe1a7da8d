import type { Operation } from "../operations/operation.ts";
import type { InstanceWorkDeps } from "./instance-work.ts";
import { makeSettle } from "./instance-work.ts";
import type { StartProvisioning } from "./ports.ts";
import { abandonedSlots, releaseSlot } from "./slots.ts";

export interface ReconcileInstancesDeps extends InstanceWorkDeps {
  /** The claim a tenant stands by, if any; a slot under another claim is nobody's. */
  readonly claimOf: (tenantId: string) => Promise<string | undefined>;
}

export type ReconcileInstances = (startProvisioning: StartProvisioning) => Promise<void>;

const operationsMax = 200;

const isOfInstance = ({ kind }: Operation): boolean => kind === "provision-instance" || kind === "retire-instance";

/**
 * Starts the workflow of every instance that is not at rest and has none (a crash, or a removal that took too long; the
 * workflow itself looks at deadlines), ends operations whose instance is at rest, frees slots that nobody claims.
 */
export const makeReconcileInstances = (deps: ReconcileInstancesDeps): ReconcileInstances => {
  const { instances, operations, claimOf, clock } = deps;
  const settle = makeSettle(deps);
  return async (startProvisioning) => {
    for (const status of ["provisioning", "retiring"] as const) {
      for (const { id } of await instances.list({ status })) await startProvisioning(id);
    }
    for (const operation of await operations.running(operationsMax)) {
      if (isOfInstance(operation)) await settle(operation);
    }
    const now = clock().toISOString();
    for (const status of ["active", "draining"] as const) {
      for (const instance of await instances.list({ status })) {
        for (const { tenantId, claimId } of abandonedSlots(instance, now)) {
          if ((await claimOf(tenantId)) === claimId) continue;
          await instances.update(instance.pool, instance.id, (current) => releaseSlot(current, tenantId, claimId));
        }
      }
    }
  };
};
