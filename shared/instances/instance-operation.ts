import { createHash } from "node:crypto";
import { isoAfter } from "../kernel/clock.ts";
import type { Operation } from "../operations/operation.ts";
import { isFinal, withStep } from "../operations/operation.ts";
import type { Instance } from "./instance.ts";

/** Steps of an instance's provisioning, in order. `remove` is added when what was done has to be undone. */
export const instanceSteps = {
  check: "check",
  deploy: "deploy",
  prepare: "prepare",
  activate: "activate",
  remove: "remove",
} as const;

/** Steps of retiring an instance, in order. */
export const retireSteps = { remove: "remove", forget: "forget" } as const;

/** The whole of a provisioning, deployment included, must be over by then; also how long retiring is tried. */
export const provisioningDeadlineMilliseconds = 30 * 60_000;

interface Subject {
  readonly id: string;
  readonly owner: string;
  readonly instanceId: string;
  readonly pool: string;
}
type InstanceWorkKind = "provision-instance" | "retire-instance";

const stepsOf = {
  "provision-instance": [instanceSteps.check, instanceSteps.deploy, instanceSteps.prepare, instanceSteps.activate],
  "retire-instance": Object.values(retireSteps),
} as const satisfies Record<InstanceWorkKind, readonly string[]>;

const newOperation = (kind: InstanceWorkKind, subject: Subject, now: Date): Operation => ({
  id: subject.id,
  owner: subject.owner,
  kind,
  subject: { id: subject.instanceId, pool: subject.pool },
  status: "running",
  steps: stepsOf[kind].map((name) => ({ name, state: "pending", at: null })),
  error: null,
  leaseUntil: now.toISOString(),
  deadlineAt: isoAfter(now, provisioningDeadlineMilliseconds),
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
});

export const newInstanceOperation = (subject: Subject, now: Date): Operation =>
  newOperation("provision-instance", subject, now);

export const newRetireOperation = (subject: Subject, now: Date): Operation =>
  newOperation("retire-instance", subject, now);

/** The operation an instance names, made anew: a crash may have come between the two documents. */
export const missingOperation = (instance: Instance, owner: string, now: Date): Operation =>
  newOperation(
    instance.status === "retiring" ? "retire-instance" : "provision-instance",
    { id: instance.operationId, owner, instanceId: instance.id, pool: instance.pool },
    now,
  );

/** The id of what follows an operation: derived, so that the same wish told twice is one operation. */
export const followingOperationId = (operationId: string, wish: "retry" | "retire"): string => {
  const digest = createHash("sha256").update(`${operationId}/${wish}`).digest("hex");
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
};

/** Codes of an operation's error; the detail is the cause. */
export const workErrors = {
  cancelled: "cancelled",
  failed: "provisioning-failed",
  retiring: "retiring-failed",
} as const;

const ended = (operation: Operation, status: "succeeded" | "failed" | "cancelled", at: string): Operation => ({
  ...operation,
  status,
  updatedAt: at,
});

const endedProvisioning = (instance: Instance, operation: Operation, at: string): Operation => {
  const error = operation.error ?? { code: workErrors.failed, detail: instance.failure ?? "The instance was removed." };
  const status = error.code === workErrors.cancelled ? "cancelled" : "failed";
  const steps = operation.steps.map((step) =>
    step.name === instanceSteps.remove ? { ...step, state: "done" as const, at } : step,
  );
  return ended({ ...operation, error, steps }, status, at);
};

const settledRetiring = (instance: Instance, operation: Operation, at: string): Operation | undefined =>
  instance.operationId === operation.id && instance.status === "retired"
    ? ended(withStep(operation, retireSteps.forget, "done", at), "succeeded", at)
    : undefined;

const settledProvisioning = (instance: Instance, operation: Operation, at: string): Operation | undefined => {
  const isNewest = instance.operationId === operation.id;
  const isFailed = isNewest && instance.status === "failed";
  // Other work follows only on an instance in service or on a failed one, so what is not the newest had ended.
  if (isFailed || (!isNewest && operation.error !== null)) return endedProvisioning(instance, operation, at);
  const isInService = !isNewest || instance.status === "active" || instance.status === "draining";
  if (!isInService || operation.error !== null) return undefined;
  return ended(withStep(operation, instanceSteps.activate, "done", at), "succeeded", at);
};

/** The operation as it ends, once its instance has come to rest; undefined while there is work left or it has ended. */
export const settledOperation = (instance: Instance, operation: Operation, at: string): Operation | undefined => {
  if (isFinal(operation.status)) return undefined;
  return operation.kind === "retire-instance"
    ? settledRetiring(instance, operation, at)
    : settledProvisioning(instance, operation, at);
};
