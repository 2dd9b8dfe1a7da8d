import type { Caller } from "../gateway/caller.ts";
import { requireOrganisation } from "../gateway/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Operation } from "../operations/operation.ts";
import type { AbandonTenant } from "./abandon-tenant.ts";
import type { TenantOperations } from "./ports.ts";
import type { ProvisionTenant } from "./provision-tenant.ts";
import type { RequestScaleOut } from "./ports.ts";
import type { TenantStore } from "./tenant-store.ts";

export interface ControlOperationDeps {
  readonly operations: TenantOperations;
  readonly tenants: TenantStore;
  readonly abandon: AbandonTenant;
  readonly provision: ProvisionTenant;
  readonly clock: Clock;
}

const findOwn = async (operations: TenantOperations, caller: Caller, id: string): Promise<Operation> => {
  const operation = await operations.forOwner(requireOrganisation(caller)).find(id);
  if (operation === undefined) throw new DomainError("not-found", "There is no such operation.");
  return operation;
};

export type FindOperation = (caller: Caller, id: string) => Promise<Operation>;

/** @throws DomainError `not-found`, also for another organisation's operation */
export const makeFindOperation =
  ({ operations }: Pick<ControlOperationDeps, "operations">): FindOperation =>
  (caller, id) =>
    findOwn(operations, caller, id);

/** @throws DomainError `not-found`, `operation-not-cancellable` */
export const makeCancelOperation =
  ({ operations, abandon, clock }: ControlOperationDeps): FindOperation =>
  async (caller, id) => {
    const operation = await findOwn(operations, caller, id);
    if (operation.kind !== "provision-tenant" || !(await abandon(operation.subject.id, "cancelled"))) {
      throw new DomainError(
        "operation-not-cancellable",
        `Only work that is still waiting can be cancelled; this operation is ${operation.status}.`,
      );
    }
    const updatedAt = clock().toISOString();
    const cancelled = await operations
      .forOwner(operation.owner)
      .update(id, (current) => ({ ...current, status: "cancelled", updatedAt }));
    return cancelled ?? operation;
  };

export type RetryOperation = (caller: Caller, id: string, requestScaleOut: RequestScaleOut) => Promise<Operation>;

/**
 * Starts failed work again as a new operation, which is returned.
 * @throws DomainError `not-found`, `operation-not-retryable`, and what provisioning throws
 */
export const makeRetryOperation =
  ({ operations, tenants, provision }: ControlOperationDeps): RetryOperation =>
  async (caller, id, requestScaleOut) => {
    const operation = await findOwn(operations, caller, id);
    const tenant = (await tenants.forTenant(operation.subject.id).read())?.value;
    if (operation.kind !== "provision-tenant" || operation.status !== "failed" || tenant?.operationId !== id) {
      throw new DomainError("operation-not-retryable", "Only the newest operation that failed can be retried.");
    }
    const { slug, namespace, name } = tenant;
    const again = await provision({ caller, slug, namespace, name, requestScaleOut });
    return findOwn(operations, caller, again.operationId);
  };
