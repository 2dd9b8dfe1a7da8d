import { freeSlots } from "./capacity-rules.ts";
import type { InstanceStore } from "./instance-store.ts";
import { publicEndpointOf } from "./instance.ts";
import { activateSlot, claimSlot, releaseSlot } from "./slots.ts";

interface Claim {
  readonly instanceId: string;
  readonly pool: string;
  readonly claimId: string;
}

type ClaimOutcome = { readonly kind: "claimed"; readonly free: number } | { readonly kind: "full" };

const choicesMax = 3;

/**
 * Slots of the instances, for the tenants' room (its port `InstancePool`). The instance document decides: one replace
 * under If-Match per step, so no instance ever holds more than its capacity.
 */
export const makeInstancePool = (instances: InstanceStore, random: () => number, publicBaseUrl: string) => ({
  async pick(pool: string, except: readonly string[]): Promise<string | undefined> {
    const choices = (await instances.withRoom(pool, choicesMax + except.length)).filter(
      (instance) => !except.includes(instance.id),
    );
    const among = choices.slice(0, choicesMax);
    // Chance spreads workers that look at the same moment over several documents, which keeps conflicts rare.
    return among[Math.floor(random() * among.length)]?.id;
  },

  free: async (pool: string): Promise<number> => freeSlots(await instances.members(pool)),

  async claim(tenantId: string, claim: Claim, untilIso: string): Promise<ClaimOutcome> {
    const left = await instances.update(claim.pool, claim.instanceId, (instance) =>
      claimSlot(instance, tenantId, claim.claimId, untilIso),
    );
    if (left?.slots[tenantId]?.claimId !== claim.claimId) return { kind: "full" };
    return { kind: "claimed", free: freeSlots([left]) };
  },

  async activate(tenantId: string, claim: Claim): Promise<boolean> {
    let isOurs = false;
    await instances.update(claim.pool, claim.instanceId, (instance) => {
      const next = activateSlot(instance, tenantId, claim.claimId);
      isOurs = next !== undefined;
      return next;
    });
    return isOurs;
  },

  async release(tenantId: string, claim: Claim): Promise<void> {
    await instances.update(claim.pool, claim.instanceId, (instance) => releaseSlot(instance, tenantId, claim.claimId));
  },

  async endpoints(claim: Omit<Claim, "claimId">) {
    const instance = await instances.read(claim.pool, claim.instanceId);
    const internalEndpoint = instance?.internalEndpoint ?? null;
    const publicEndpoint = instance === undefined ? null : publicEndpointOf(instance, publicBaseUrl);
    return internalEndpoint === null || publicEndpoint === null ? undefined : { internalEndpoint, publicEndpoint };
  },
});
