import { isPlaceable } from "./capacity-rules.ts";
import type { Instance, Slot } from "./instance.ts";

const withSlots = (instance: Instance, slots: Readonly<Record<string, Slot>>): Instance => ({
  ...instance,
  slots,
  used: Object.keys(slots).length,
});

/**
 * The instance with a slot reserved for the claim; undefined when there is nothing to change: no room, or the slot is active
 * under this claim already. An instance that is not in service or not well gives none, and takes back what the claim had
 * reserved before, so that the tenant can be placed elsewhere.
 */
export const claimSlot = (
  instance: Instance,
  tenantId: string,
  claimId: string,
  until: string,
): Instance | undefined => {
  const slot = instance.slots[tenantId];
  if (slot?.claimId === claimId && slot.state === "active") return undefined;
  if (!isPlaceable(instance)) return releaseSlot(instance, tenantId, claimId);
  if (slot === undefined && Object.keys(instance.slots).length >= instance.capacity) return undefined;
  return withSlots(instance, { ...instance.slots, [tenantId]: { claimId, state: "reserved", until } });
};

/** The instance with the claim's slot made permanent; undefined when the slot is not this claim's. */
export const activateSlot = (instance: Instance, tenantId: string, claimId: string): Instance | undefined => {
  const slot = instance.slots[tenantId];
  if (slot?.claimId !== claimId) return undefined;
  return withSlots(instance, { ...instance.slots, [tenantId]: { ...slot, state: "active" } });
};

/** The instance without the claim's slot; undefined when there is none. */
export const releaseSlot = (instance: Instance, tenantId: string, claimId: string): Instance | undefined => {
  if (instance.slots[tenantId]?.claimId !== claimId) return undefined;
  const { [tenantId]: _released, ...slots } = instance.slots;
  return withSlots(instance, slots);
};

/** Reservations whose time is over and that no tenant claims any more. */
export const abandonedSlots = (
  instance: Instance,
  nowIso: string,
): readonly { readonly tenantId: string; readonly claimId: string }[] =>
  Object.entries(instance.slots)
    .filter(([, slot]) => slot.state === "reserved" && slot.until <= nowIso)
    .map(([tenantId, { claimId }]) => ({ tenantId, claimId }));
