import { z } from "zod";
import { HealthState } from "../health/health-state.ts";
import type { ContainerDefinition } from "../documents/document-store.ts";

/** Azure regions the platform may use. A region is added here and nowhere else. */
export const Region = z.enum(["westeurope", "northeurope", "germanywestcentral", "swedencentral", "eastus"]);
export type Region = z.infer<typeof Region>;

export const DeploymentMode = z.enum(["SHARED", "DEDICATED"]);
export type DeploymentMode = z.infer<typeof DeploymentMode>;

/** Tenants an instance holds (founding document, Task 3.2). */
export const capacityOf = { SHARED: 50, DEDICATED: 1 } as const satisfies Record<DeploymentMode, number>;

/**
 * `draining` instances keep their tenants and take no new ones; `retiring` ones are being removed. `failed` and `retired`
 * hold nothing: what was deployed for them has been removed.
 */
export const InstanceStatus = z.enum(["provisioning", "active", "draining", "retiring", "retired", "failed"]);

/** One tenant's place. `reserved` until its collections exist; `until` bounds a reservation (ISO 8601 UTC). */
export const Slot = z.object({ claimId: z.string(), state: z.enum(["reserved", "active"]), until: z.string() });
export type Slot = z.infer<typeof Slot>;

/** The instance document of container `instances`. The slots are in it, so one If-Match decides a claim. */
export const Instance = z.object({
  id: z.string(),
  pool: z.string(),
  region: Region,
  mode: DeploymentMode,
  status: InstanceStatus,
  capacity: z.int().positive(),
  /** A copy of the number of slots, for queries; rewritten in the same replace. */
  used: z.int().nonnegative(),
  slots: z.record(z.string(), Slot),
  internalEndpoint: z.string().nullable(),
  version: z.string().nullable(),
  /** A copy of what the health room found last, written when it changes only: placement looks at it. */
  health: HealthState.default("unknown"),
  failure: z.string().nullable(),
  operationId: z.string(),
  createdAt: z.string(),
  sortKey: z.string(),
  deadlineAt: z.string(),
});
export type Instance = z.infer<typeof Instance>;

export const instancesContainer: ContainerDefinition = {
  name: "instances",
  partitionKey: "pool",
  indexes: ["id", "status", "used", "sortKey"],
};

/** Instances that can stand in for each other. */
export const poolOf = (region: Region, mode: DeploymentMode): string => `${region}.${mode.toLowerCase()}`;

/**
 * Where people reach an instance, through the gateway; null while nothing is deployed. Made of the gateway's address of
 * this moment: a stored one would send people's tokens to whoever listens there when the gateway has moved.
 */
export const publicEndpointOf = (
  { id, internalEndpoint }: Pick<Instance, "id" | "internalEndpoint">,
  publicBaseUrl: string,
): string | null => (internalEndpoint === null ? null : `${publicBaseUrl}/stacks/${id}`);

/** What operators see of an instance. */
export const instanceView = (instance: Instance, publicBaseUrl: string) => ({
  id: instance.id,
  region: instance.region,
  deploymentMode: instance.mode,
  status: instance.status,
  maxTenants: instance.capacity,
  currentTenants: Object.keys(instance.slots).length,
  internalEndpoint: instance.internalEndpoint,
  publicEndpoint: publicEndpointOf(instance, publicBaseUrl),
  version: instance.version,
  health: instance.health,
  failure: instance.failure,
  operation: `/api/operations/${instance.operationId}`,
  createdAt: instance.createdAt,
});
