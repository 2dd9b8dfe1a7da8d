import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Operation } from "../operations/operation.ts";
import { isFinal } from "../operations/operation.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { reportKeySecretName, superuserSecretName } from "../secrets/secret-store.ts";
import type { Instance } from "./instance.ts";
import { missingOperation, settledOperation } from "./instance-operation.ts";
import type { InstanceStore } from "./instance-store.ts";
import type { InstanceOperations } from "./ports.ts";
import type { Standing } from "./instance-standing.ts";
import { standingOf } from "./instance-standing.ts";
import type { StepOutcome } from "./provisioning-rules.ts";
import { presentableReason } from "./provisioning-rules.ts";

/** Durable work on an instance: which attempt it is, is told by the operation. The input of its workflow. */
export interface InstanceWork {
  readonly instanceId: string;
  readonly operationId: string;
}

export interface InstanceWorkDeps {
  readonly instances: InstanceStore;
  readonly operations: InstanceOperations;
  readonly clock: Clock;
  /** The organisation whose people see the operations of instances. */
  readonly operatorOrgId: string;
}

export interface Situation {
  readonly instance: Instance;
  readonly operation: Operation;
  readonly standing: Standing;
}

export type LookAtWork = (work: InstanceWork) => Promise<Situation | undefined>;

/** Where an instance stands to the work. Makes the operation if a crash prevented it. Undefined: no such instance. */
export const makeLookAtWork =
  ({ instances, operations, clock, operatorOrgId }: InstanceWorkDeps): LookAtWork =>
  async ({ instanceId, operationId }) => {
    const instance = await instances.find(instanceId);
    if (instance === undefined) return undefined;
    const owned = operations.forOwner(operatorOrgId);
    if (instance.operationId === operationId && (await owned.find(operationId)) === undefined) {
      await owned.begin(missingOperation(instance, operatorOrgId, clock()));
    }
    const operation = await owned.find(operationId);
    if (operation === undefined) return undefined;
    return { instance, operation, standing: standingOf(instance, operation, clock().toISOString()) };
  };

/** Ends the operation of an instance that has come to rest, in service or removed. */
export const makeSettle =
  ({ instances, operations, clock }: InstanceWorkDeps) =>
  async (operation: Operation): Promise<void> => {
    const instance = await instances.find(operation.subject.id);
    if (instance === undefined) return;
    const at = clock().toISOString();
    await operations
      .forOwner(operation.owner)
      .update(operation.id, (current) => settledOperation(instance, current, at));
  };

export type FindWork = (
  instanceId: string,
) => Promise<{ readonly kind: Operation["kind"]; readonly work: InstanceWork } | undefined>;

/** What a workflow has to do on an instance, if anything. */
export const makeFindWork = (deps: InstanceWorkDeps): FindWork => {
  const lookAt = makeLookAtWork(deps);
  return async (instanceId) => {
    const instance = await deps.instances.find(instanceId);
    if (instance === undefined) return undefined;
    const work = { instanceId, operationId: instance.operationId };
    const { operation, standing } = (await lookAt(work)) ?? {};
    if (operation === undefined || standing === undefined || isFinal(operation.status)) return undefined;
    return standing.kind === "superseded" || standing.kind === "in-service"
      ? undefined
      : { kind: operation.kind, work };
  };
};

const isPassing = (error: unknown): error is DomainError =>
  error instanceof DomainError && (error.code === "unavailable" || error.code === "stack-unavailable");

const retryAfterOf = ({ facts }: DomainError): { readonly retryAfterSeconds?: number } => {
  const seconds = facts["retryAfterSeconds"];
  return typeof seconds === "number" ? { retryAfterSeconds: seconds } : {};
};

/** What the act answers; trouble that may pass is an answer too. */
const orTrouble = async (act: () => Promise<StepOutcome>): Promise<StepOutcome> => {
  try {
    return await act();
  } catch (error) {
    if (!isPassing(error)) throw error;
    return { state: "unavailable", reason: error.message, ...retryAfterOf(error) };
  }
};

/**
 * Runs one try of a step. Trouble that may pass becomes an answer, so that the workflow chooses the next moment; reasons
 * lose the instance's secrets before they reach a history or a document.
 */
export const runStep = async (
  secrets: SecretStore,
  instanceId: string,
  act: () => Promise<StepOutcome>,
): Promise<StepOutcome> => {
  const outcome = await orTrouble(act);
  const said = "reason" in outcome ? outcome.reason : undefined;
  if (said === undefined) return outcome;
  return orTrouble(async () => {
    const names = [superuserSecretName(instanceId), reportKeySecretName(instanceId)];
    const known = await Promise.all(names.map((name) => secrets.read(name)));
    const reason = presentableReason(
      said,
      known.filter((secret) => secret !== undefined),
    );
    return { ...outcome, reason };
  });
};
