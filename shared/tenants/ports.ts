import type { Operation } from "../operations/operation.ts";
import type { Placement } from "./tenant.ts";

/** Where tenants can be placed; the instances' side of a claim. Every method may be repeated. */
export interface InstancePool {
  /** A pool member with a free slot, chosen at random among the emptiest; `except` are known to be full. */
  pick(pool: string, except: readonly string[]): Promise<string | undefined>;
  /** Slots of the pool that tenants could be given at once. */
  free(pool: string): Promise<number>;
  /**
   * Takes a slot under the claim, or finds it taken by the same claim; `free`: what the instance has left. `full` also when
   * the instance is not in service or not well; the claim holds no slot there then.
   */
  claim(
    tenantId: string,
    placement: Placement,
    untilIso: string,
  ): Promise<{ readonly kind: "claimed"; readonly free: number } | { readonly kind: "full" }>;
  /** Makes the reservation permanent. False: the slot is no longer this claim's. */
  activate(tenantId: string, placement: Placement): Promise<boolean>;
  release(tenantId: string, placement: Placement): Promise<void>;
  /** Endpoints of a member that is (or was) active. */
  endpoints(
    placement: Placement,
  ): Promise<{ readonly internalEndpoint: string; readonly publicEndpoint: string } | undefined>;
}

/** Has the pool looked at and what it lacks started; safe to call from any number of workers. */
export type RequestScaleOut = (pool: string) => Promise<void>;

/** Operations as the tenants' room needs them (implemented by `shared/operations`). */
export interface TenantOperations {
  forOwner(owner: string): {
    begin(operation: Operation): Promise<void>;
    find(id: string): Promise<Operation | undefined>;
    update(id: string, change: (operation: Operation) => Operation | undefined): Promise<Operation | undefined>;
  };
  /** Under way, but their worker is gone. */
  running(limit: number): Promise<readonly Operation[]>;
  /** Waiting for room, in order of acceptance. */
  waiting(limit: number): Promise<readonly Operation[]>;
}
