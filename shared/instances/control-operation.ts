import type { Caller } from "../gateway/caller.ts";
import { requireOperator, requireOrganisation } from "../gateway/caller.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Operation } from "../operations/operation.ts";
import { isInstanceCancellable } from "../operations/operation.ts";
import type { Instance } from "./instance.ts";
import { followingOperationId, provisioningDeadlineMilliseconds } from "./instance-operation.ts";
import type { InstanceWorkDeps } from "./instance-work.ts";
import { makeLookAtWork } from "./instance-work.ts";
import type { StartProvisioning } from "./ports.ts";

/** The workflows of instances, through the durable client of a request. */
export interface InstanceWorkflows {
  readonly start: StartProvisioning;
  /** Makes the instance's workflow look at its documents now. Nothing under way is fine. */
  readonly wake: (instanceId: string) => Promise<void>;
}

export type ControlInstanceOperation = (
  caller: Caller,
  operationId: string,
  workflows: InstanceWorkflows,
) => Promise<Operation>;

const makeFind =
  ({ operations }: InstanceWorkDeps) =>
  async (caller: Caller, id: string): Promise<Operation> => {
    const operation = await operations.forOwner(requireOrganisation(caller)).find(id);
    if (operation === undefined) throw new DomainError("not-found", "There is no such operation.");
    requireOperator(caller);
    return operation;
  };

/**
 * Asks a provisioning under way to stop: the wish is stored on the operation, where every step looks, and the workflow is
 * woken. It undoes what was done and the operation ends `cancelled`. Repeated, it changes nothing.
 * @throws DomainError `not-found`, `forbidden`, `operation-not-cancellable`
 */
export const makeCancelInstanceOperation = (deps: InstanceWorkDeps): ControlInstanceOperation => {
  const { operations, clock } = deps;
  const find = makeFind(deps);
  return async (caller, id, { wake }) => {
    const { owner } = await find(caller, id);
    const at = clock().toISOString();
    const operation = await operations
      .forOwner(owner)
      .update(id, (current) =>
        isInstanceCancellable(current) ? { ...current, cancelRequestedAt: at, updatedAt: at } : undefined,
      );
    if (operation?.cancelRequestedAt === undefined) {
      throw new DomainError(
        "operation-not-cancellable",
        "Only a provisioning that is under way, and not being undone already, can be cancelled.",
      );
    }
    await wake(operation.subject.id);
    return operation;
  };
};

/** The instance with its next attempt; undefined: somebody has begun it already. */
const nextAttempt = (current: Instance, failed: Operation, deadlineAt: string): Instance | undefined => {
  const operationId = followingOperationId(failed.id, "retry");
  if (current.operationId === operationId) return undefined;
  const isRetiring = failed.kind === "retire-instance" && failed.status === "failed" && current.status === "retiring";
  const isProvisioning =
    failed.kind === "provision-instance" &&
    (failed.status === "failed" || failed.status === "cancelled") &&
    current.status === "failed";
  if (current.operationId !== failed.id || !(isRetiring || isProvisioning)) {
    throw new DomainError("operation-not-retryable", "Only the newest operation that failed can be retried.");
  }
  if (isRetiring) return { ...current, operationId, deadlineAt };
  return { ...current, status: "provisioning", failure: null, version: null, operationId, deadlineAt };
};

/**
 * A new attempt at the same instance, from the clean state a failure leaves. The new operation's id derives from the failed
 * one's, so two clicks are one attempt. @throws DomainError `not-found`, `forbidden`, `operation-not-retryable`
 */
export const makeRetryInstanceOperation = (deps: InstanceWorkDeps): ControlInstanceOperation => {
  const { instances, clock } = deps;
  const find = makeFind(deps);
  const lookAt = makeLookAtWork(deps);
  return async (caller, id, { start }) => {
    const failed = await find(caller, id);
    const { id: instanceId, pool = "" } = failed.subject;
    const deadlineAt = isoAfter(clock(), provisioningDeadlineMilliseconds);
    const instance = await instances.update(pool, instanceId, (current) => nextAttempt(current, failed, deadlineAt));
    const { operation } =
      instance === undefined ? {} : ((await lookAt({ instanceId, operationId: instance.operationId })) ?? {});
    if (operation === undefined) throw new DomainError("not-found", "The instance of this operation is gone.");
    await start(instanceId);
    return operation;
  };
};
