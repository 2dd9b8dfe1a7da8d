import type { Clock } from "../kernel/clock.ts";
import type { InstanceStore } from "./instance-store.ts";
import type { ProvisionInstance } from "./provision-instance.ts";
import type { StartProvisioning } from "./ports.ts";
import { abandonedSlots, releaseSlot } from "./slots.ts";

export interface ReconcileInstancesDeps {
  readonly instances: InstanceStore;
  readonly provision: ProvisionInstance;
  /** The claim a tenant stands by, if any; a slot under another claim is nobody's. */
  readonly claimOf: (tenantId: string) => Promise<string | undefined>;
  readonly clock: Clock;
}

export type ReconcileInstances = (startProvisioning: StartProvisioning) => Promise<void>;

/** Starts workflows that a crash prevented, ends what is past its deadline, frees slots that nobody claims. */
export const makeReconcileInstances =
  ({ instances, provision, claimOf, clock }: ReconcileInstancesDeps): ReconcileInstances =>
  async (startProvisioning) => {
    const now = clock().toISOString();
    for (const instance of await instances.list({ status: "provisioning" })) {
      if (instance.deadlineAt <= now) await provision.fail(instance.id, "The deadline of 30 minutes has passed.");
      else await startProvisioning(instance.id);
    }
    for (const instance of await instances.list({ status: "active" })) {
      for (const { tenantId, claimId } of abandonedSlots(instance, now)) {
        if ((await claimOf(tenantId)) === claimId) continue;
        await instances.update(instance.pool, instance.id, (current) => releaseSlot(current, tenantId, claimId));
      }
    }
  };
