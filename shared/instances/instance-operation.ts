import { isoAfter } from "../kernel/clock.ts";
import type { Operation } from "../operations/operation.ts";

/** Steps of an instance's provisioning, in order. */
export const instanceSteps = { deploy: "deploy", prepare: "prepare", activate: "activate" } as const;

/** The whole of a provisioning, deployment included, must be over by then. */
export const provisioningDeadlineMilliseconds = 30 * 60_000;

export const newInstanceOperation = (
  subject: { readonly id: string; readonly owner: string; readonly instanceId: string; readonly pool: string },
  now: Date,
): Operation => ({
  id: subject.id,
  owner: subject.owner,
  kind: "provision-instance",
  subject: { id: subject.instanceId, pool: subject.pool },
  status: "running",
  steps: Object.values(instanceSteps).map((name) => ({ name, state: "pending", at: null })),
  error: null,
  leaseUntil: now.toISOString(),
  deadlineAt: isoAfter(now, provisioningDeadlineMilliseconds),
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
});
