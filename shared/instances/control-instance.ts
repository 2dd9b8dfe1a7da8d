import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Operation } from "../operations/operation.ts";
import type { Instance } from "./instance.ts";
import { followingOperationId, newRetireOperation, provisioningDeadlineMilliseconds } from "./instance-operation.ts";
import type { InstanceWorkDeps } from "./instance-work.ts";
import { makeLookAtWork } from "./instance-work.ts";
import type { StartProvisioning } from "./ports.ts";

const notFound = (): DomainError => new DomainError("not-found", "There is no instance with this id.");

/** One whose provisioning ended badly is `retiring` with the cause: that is nobody's wish, and it ends `failed`. */
const isCleanedUp = ({ status, failure }: Instance): boolean => status === "retiring" && failure !== null;

const refusedIn = (wish: string, instance: Instance): DomainError => {
  const { status, failure } = instance;
  const detail = isCleanedUp(instance)
    ? `The instance is being cleaned up because its provisioning ended: ${failure ?? ""} ` +
      `It cannot be ${wish}; everything that was deployed for it is being removed already.`
    : `An instance that is ${status} cannot be ${wish}.`;
  return new DomainError("instance-state", detail, { facts: { instanceStatus: status } });
};

const refusedWhileUsed = (instance: Instance): DomainError => {
  const currentTenants = Object.keys(instance.slots).length;
  const detail = `The instance holds ${currentTenants} tenants. Only an empty one can be retired.`;
  return new DomainError("instance-not-empty", detail, { facts: { currentTenants } });
};

export type SetDraining = (instanceId: string, isDraining: boolean) => Promise<Instance>;

/**
 * Takes an instance out of placement (`draining`: its tenants stay, none is added) or puts it back; repeating it is fine.
 * @throws DomainError `not-found`, `instance-state`
 */
export const makeSetDraining =
  ({ instances }: Pick<InstanceWorkDeps, "instances">): SetDraining =>
  async (instanceId, isDraining) => {
    const [from, to] = isDraining ? (["active", "draining"] as const) : (["draining", "active"] as const);
    const found = await instances.find(instanceId);
    if (found === undefined) throw notFound();
    const stored = await instances.update(found.pool, instanceId, (current) =>
      current.status === from ? { ...current, status: to } : undefined,
    );
    if (stored === undefined) throw notFound();
    if (stored.status !== to) throw refusedIn(isDraining ? "drained" : "put back into service", stored);
    return stored;
  };

export type BeginRetiring = (
  instanceId: string,
  start: StartProvisioning,
) => Promise<{ readonly instance: Instance; readonly operation: Operation }>;

/** The retired form of the document's next state; undefined: it is retired or being retired already. */
const retiringFrom = (current: Instance, deadlineAt: string): Instance | undefined => {
  switch (current.status) {
    case "active":
    case "draining":
      if (Object.keys(current.slots).length > 0) throw refusedWhileUsed(current);
      return {
        ...current,
        status: "retiring",
        operationId: followingOperationId(current.operationId, "retire"),
        deadlineAt,
      };
    case "retiring":
    case "retired":
      return undefined;
    case "provisioning":
    case "failed":
      throw refusedIn("retired", current);
  }
};

/**
 * Retires an empty instance: no tenant is placed on it from now on, and a workflow removes what was deployed. Repeated, it
 * answers with the work under way. One document decides, so a tenant placed at the same moment wins or loses as a whole.
 * @throws DomainError `not-found`, `instance-state`, `instance-not-empty` (fact `currentTenants`)
 */
export const makeBeginRetiring = (deps: InstanceWorkDeps): BeginRetiring => {
  const { instances, operations, clock, operatorOrgId } = deps;
  const lookAt = makeLookAtWork(deps);
  return async (instanceId, start) => {
    const found = await instances.find(instanceId);
    if (found === undefined) throw notFound();
    const now = clock();
    const deadlineAt = isoAfter(now, provisioningDeadlineMilliseconds);
    const instance =
      (await instances.update(found.pool, instanceId, (current) => retiringFrom(current, deadlineAt))) ?? found;
    const subject = { id: instance.operationId, owner: operatorOrgId, instanceId, pool: instance.pool };
    await operations.forOwner(operatorOrgId).begin(newRetireOperation(subject, now));
    const { operation } = (await lookAt({ instanceId, operationId: instance.operationId })) ?? {};
    if (operation === undefined) throw notFound();
    // The removal of a provisioning that failed is not retiring: the instance ends `failed`.
    if (operation.kind !== "retire-instance") throw refusedIn("retired", instance);
    await start(instanceId);
    return { instance, operation };
  };
};
