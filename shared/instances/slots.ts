import type { Instance, Slot } from "./instance.ts";

const withSlots = (instance: Instance, slots: Readonly<Record<string, Slot>>): Instance => ({
  ...instance,
  slots,
  used: Object.keys(slots).length,
});

/** Takes a slot for the claim. `kept`: the claim has it already; `full`: no room, or not an instance in service. */
export const claimSlot = (
  instance: Instance,
  tenantId: string,
  claimId: string,
  until: string,
): { readonly kind: "kept" | "full" } | { readonly kind: "changed"; readonly instance: Instance } => {
  const slot = instance.slots[tenantId];
  if (slot?.claimId === claimId && slot.state === "active") return { kind: "kept" };
  if (instance.status !== "active") return { kind: "full" };
  if (slot === undefined && Object.keys(instance.slots).length >= instance.capacity) return { kind: "full" };
  const slots = { ...instance.slots, [tenantId]: { claimId, state: "reserved" as const, until } };
  return { kind: "changed", instance: withSlots(instance, slots) };
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
