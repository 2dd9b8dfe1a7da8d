import { isoAfter } from "../kernel/clock.ts";
import type { Operation } from "../operations/operation.ts";

/** Steps of a tenant's provisioning, in order. */
export const tenantSteps = {
  reserveName: "reserve-name",
  claimSlot: "claim-slot",
  createCollections: "create-collections",
  activate: "activate",
} as const;

const deadlineMilliseconds = 24 * 60 * 60_000;
/**
 * How long a worker that was killed keeps others away. More than a Stack's request may take (15 s); a worker that is slower
 * is joined by another one, which is harmless because every step may be repeated.
 */
export const leaseMilliseconds = 25_000;

interface Subject {
  readonly id: string;
  readonly orgId: string;
  readonly tenantId: string;
}

/** The operation of a newly accepted tenant; the maker holds its first lease. */
export const newTenantOperation = (subject: Subject, now: Date): Operation => ({
  id: subject.id,
  owner: subject.orgId,
  kind: "provision-tenant",
  subject: { id: subject.tenantId },
  status: "running",
  steps: Object.values(tenantSteps).map((name, index) => ({
    name,
    state: index === 0 ? "done" : "pending",
    at: index === 0 ? now.toISOString() : null,
  })),
  error: null,
  leaseUntil: isoAfter(now, leaseMilliseconds),
  deadlineAt: isoAfter(now, deadlineMilliseconds),
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
});
