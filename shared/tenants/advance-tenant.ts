import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Operation } from "../operations/operation.ts";
import { withStep } from "../operations/operation.ts";
import type { AbandonTenant } from "./abandon-tenant.ts";
import type { PlaceTenant } from "./place-tenant.ts";
import type { RequestScaleOut, TenantOperations } from "./ports.ts";
import { leaseMilliseconds, tenantSteps } from "./tenant-operation.ts";

export interface AdvanceTenantDeps {
  readonly operations: TenantOperations;
  readonly place: PlaceTenant;
  readonly abandon: AbandonTenant;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pool: string;
  /** Free slots below which another instance is started. */
  readonly headroom: number;
}

/**
 * Works on one provisioning operation whose lease the caller holds. `waiting` and `retrying` are not the end of it.
 * `onClaimed` is called as soon as the tenant has its slot.
 */
export type AdvanceTenant = (
  operation: Operation,
  requestScaleOut: RequestScaleOut,
  onClaimed?: () => void,
) => Promise<"succeeded" | "waiting" | "retrying" | "abandoned">;

const retryMilliseconds = 5_000;

const problemOf = (error: unknown): { code: string; detail: string } =>
  error instanceof DomainError
    ? { code: error.code, detail: error.message }
    : { code: "internal", detail: "An unexpected error; it is tried again until the deadline." };

/** A tenant's own provisioning does not depend on it: the reconciler asks again. */
const makeAskForRoom =
  ({ pool, log }: AdvanceTenantDeps) =>
  async (requestScaleOut: RequestScaleOut): Promise<void> => {
    try {
      await requestScaleOut(pool);
    } catch (error) {
      log.warn("no instance could be asked for; the reconciler tries again", { pool, cause: String(error) });
    }
  };

/** Carries a tenant's provisioning on and keeps its operation document true. Never throws for a Stack that is down. */
export const makeAdvanceTenant = (deps: AdvanceTenantDeps): AdvanceTenant => {
  const { operations, place, abandon, clock, log, headroom } = deps;
  const askForRoom = makeAskForRoom(deps);
  const now = (): string => clock().toISOString();
  const note = (operation: Operation, change: (current: Operation) => Operation) =>
    operations.forOwner(operation.owner).update(operation.id, change);

  const giveUp = async (operation: Operation): Promise<"abandoned"> => {
    await abandon(operation.subject.id, "failed");
    const error = { code: "deadline-exceeded", detail: "No Stack could take the tenant in time. It can be retried." };
    await note(operation, (current) => ({
      ...current,
      status: "failed",
      error: current.error ?? error,
      updatedAt: now(),
    }));
    return "abandoned";
  };

  return async (operation, requestScaleOut, onClaimed) => {
    if (operation.deadlineAt <= now()) return giveUp(operation);
    try {
      const outcome = await place(operation.subject.id, async () => {
        onClaimed?.();
        // What took long until here is over; the lease begins anew for the Stack's own work.
        await note(operation, (current) => ({
          ...withStep(current, tenantSteps.createCollections, "running", now()),
          leaseUntil: isoAfter(clock(), leaseMilliseconds),
        }));
      });
      switch (outcome.kind) {
        case "active":
          await note(operation, (current) => ({
            ...withStep(current, tenantSteps.activate, "done", now()),
            status: "succeeded",
            error: null,
          }));
          if (outcome.free !== undefined && outcome.free < headroom) await askForRoom(requestScaleOut);
          return "succeeded";
        case "waiting":
          await note(operation, (current) => ({ ...current, status: "waiting", leaseUntil: now(), updatedAt: now() }));
          await askForRoom(requestScaleOut);
          return "waiting";
        case "gone":
          await note(operation, (current) => ({ ...current, status: "cancelled", updatedAt: now() }));
          return "abandoned";
      }
    } catch (error) {
      log.warn("tenant provisioning is retried", {
        operation: operation.id,
        ...problemOf(error),
        cause: String(error),
      });
      await note(operation, (current) => ({
        ...current,
        error: problemOf(error),
        leaseUntil: isoAfter(clock(), retryMilliseconds),
        updatedAt: now(),
      }));
      return "retrying";
    }
  };
};
