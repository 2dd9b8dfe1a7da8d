import type { Operation } from "../operations/operation.ts";
import { withStep } from "../operations/operation.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { reportKeySecretName, superuserSecretName } from "../secrets/secret-store.ts";
import type { Instance } from "./instance.ts";
import { retireSteps, workErrors } from "./instance-operation.ts";
import type { InstanceWork, InstanceWorkDeps } from "./instance-work.ts";
import { makeLookAtWork, makeSettle, runStep } from "./instance-work.ts";
import type { StackDeployments } from "./ports.ts";
import type { StepOutcome } from "./provisioning-rules.ts";

export interface RetireInstanceDeps extends InstanceWorkDeps {
  readonly deployments: StackDeployments;
  readonly secrets: SecretStore;
}

/**
 * One pass at removing a `retiring` instance, in reverse order of how it was made: the deployment and its resources, and
 * when they are gone, the secrets. `done` when nothing is left: the instance is then `retired`, or `failed` if it was its
 * provisioning that is undone. Retiring that does not end in time fails with its cause and can be retried; undoing does not.
 */
export type RetireInstance = (work: InstanceWork) => Promise<StepOutcome>;

const emptied = (instance: Instance, kind: Operation["kind"]): Instance => ({
  ...instance,
  status: kind === "retire-instance" ? "retired" : "failed",
  slots: {},
  used: 0,
  internalEndpoint: null,
  health: "unknown",
});

export const makeRetireInstance = (deps: RetireInstanceDeps): RetireInstance => {
  const { instances, operations, deployments, secrets, clock, operatorOrgId } = deps;
  const lookAt = makeLookAtWork(deps);
  const settle = makeSettle(deps);
  const change = (id: string, apply: (operation: Operation) => Operation | undefined) =>
    operations.forOwner(operatorOrgId).update(id, apply);

  const note = async ({ kind, id, steps }: Operation, name: string): Promise<void> => {
    if (kind !== "retire-instance" || steps.some((step) => step.name === name && step.state !== "pending")) return;
    const at = clock().toISOString();
    await change(id, (current) => withStep(current, name, "running", at));
  };

  const removeOutside = (instanceId: string): Promise<StepOutcome> =>
    runStep(secrets, instanceId, async () => {
      const found = await deployments.remove(instanceId);
      if (found.state === "removing") {
        const { retryAfterSeconds, reason } = found;
        return { state: "waiting", retryAfterSeconds, ...(reason === null ? {} : { reason }) };
      }
      await secrets.remove(reportKeySecretName(instanceId));
      await secrets.remove(superuserSecretName(instanceId));
      return { state: "done" };
    });

  /** True: the time is over, and the operation has ended with the cause. The instance stays `retiring`, to be retried. */
  const giveUpRetiring = async ({ id, kind, deadlineAt }: Operation, outcome: StepOutcome): Promise<boolean> => {
    const at = clock().toISOString();
    if (kind !== "retire-instance" || deadlineAt > at) return false;
    const detail = ("reason" in outcome ? outcome.reason : undefined) ?? "The resources were not gone in time.";
    await change(id, (current) => ({
      ...withStep(current, retireSteps.remove, "failed", at),
      status: "failed",
      error: { code: workErrors.retiring, detail },
    }));
    return true;
  };

  return async (work) => {
    const { instance, operation, standing } = (await lookAt(work)) ?? {};
    if (instance === undefined || operation === undefined) return { state: "superseded" };
    if (standing?.kind !== "removing") {
      await settle(operation);
      return { state: "superseded" };
    }
    await note(operation, retireSteps.remove);
    const outcome = await removeOutside(instance.id);
    if (outcome.state !== "done") {
      return (await giveUpRetiring(operation, outcome)) ? { state: "superseded" } : outcome;
    }
    await note(operation, retireSteps.forget);
    await instances.update(instance.pool, instance.id, (current) =>
      current.status === "retiring" && current.operationId === operation.id
        ? emptied(current, operation.kind)
        : undefined,
    );
    await settle(operation);
    return { state: "done" };
  };
};
