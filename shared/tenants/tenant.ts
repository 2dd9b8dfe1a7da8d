import { createHash } from "node:crypto";
import { z } from "zod";
import type { ContainerDefinition } from "../documents/document-store.ts";
import { planLimits } from "./plan.ts";
import { Plan } from "./plan.ts";

/**
 * - `waiting`: accepted, no instance has a free slot yet; placed when one has
 * - `provisioning`: a slot is claimed, collections are being made
 * - `active` / `suspended`: usable / every request refused until resumed
 * - `failed`: given up before the deadline with a cause on its operation; nothing is held, it can be retried
 * - `cancelled`: given up on request; the organisation may start again
 */
export const TenantStatus = z.enum(["waiting", "provisioning", "active", "suspended", "failed", "cancelled"]);
export type TenantStatus = z.infer<typeof TenantStatus>;

/** Where a tenant lives. `claimId` ties it to the slot entry in the instance document. */
export const Placement = z.object({
  instanceId: z.string(),
  pool: z.string(),
  claimId: z.string(),
  state: z.enum(["claiming", "active", "releasing"]),
});
export type Placement = z.infer<typeof Placement>;

/** Who had a tenant suspended; it is usable again when none of them holds to it. */
export const Suspender = z.enum(["operator", "organisation", "billing"]);
export type Suspender = z.infer<typeof Suspender>;

/** The tenant document of container `tenants`; one per organisation. Instants are ISO 8601 UTC. */
export const Tenant = z.object({
  id: z.literal("tenant"),
  type: z.literal("tenant"),
  tenantId: z.string(),
  orgId: z.string(),
  slug: z.string(),
  namespace: z.string(),
  name: z.string(),
  plan: Plan,
  status: TenantStatus,
  /** Reasons that hold now. A tenant that is not active yet can have some: it is refused as soon as it would be. */
  suspendedBy: z.array(Suspender).default([]),
  placement: Placement.nullable(),
  operationId: z.string(),
  /** SHA-256 of the caller's Idempotency-Key, and of the request it came with. */
  idempotency: z.object({ key: z.string(), request: z.string() }).nullable(),
  createdBy: z.string(),
  createdAt: z.string(),
  /** Order of acceptance: creation time and id, unique. */
  sortKey: z.string(),
});
export type Tenant = z.infer<typeof Tenant>;

export const tenantsContainer: ContainerDefinition = {
  name: "tenants",
  partitionKey: "tenantId",
  indexes: ["type", "status", "sortKey"],
};

/**
 * The id of an organisation's tenant. Derived, so that two requests of one organisation meet in one document and a
 * request repeated after a crash finds what it had begun. 32 characters of [a-z0-9], usable in PocketBase ids.
 */
export const tenantIdOf = (orgId: string): string =>
  `t${createHash("sha256").update(`tenant:${orgId}`).digest("hex").slice(0, 31)}`;

/** Suspended before reasons were kept: by an operator, there was nobody else. */
export const suspendersOf = ({ status, suspendedBy }: Tenant): readonly Suspender[] =>
  status === "suspended" && suspendedBy.length === 0 ? ["operator"] : suspendedBy;

/** Its state for its people: `suspended` also when the reason came before the tenant was ready. */
export const standingOf = (tenant: Tenant): TenantStatus =>
  tenant.status === "active" && tenant.suspendedBy.length > 0 ? "suspended" : tenant.status;

/** What callers see of a tenant. `publicEndpoint` is known once it is placed. */
export const tenantView = (tenant: Tenant, publicEndpoint?: string) => ({
  id: tenant.tenantId,
  slug: tenant.slug,
  name: tenant.name,
  plan: tenant.plan,
  limits: planLimits[tenant.plan],
  status: standingOf(tenant),
  suspendedBy: suspendersOf(tenant),
  namespace: tenant.namespace,
  organisationId: tenant.orgId,
  instance:
    tenant.placement === null || publicEndpoint === undefined
      ? null
      : { id: tenant.placement.instanceId, publicEndpoint },
  operation: `/api/operations/${tenant.operationId}`,
  createdAt: tenant.createdAt,
});
