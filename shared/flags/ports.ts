import type { StackAddress } from "../stack/stack.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { FlagValue } from "./flag.ts";

/** A flag as a tenant's Stack has it. `revision`: the set's revision that changed the flag last. */
export interface TenantFlag {
  readonly key: string;
  readonly value: FlagValue;
  readonly variant: string;
  readonly reason: string;
  readonly revision: number;
}

/**
 * The flags on one Stack instance, as its superuser. Every method may be repeated and is bounded in time.
 * @throws DomainError `stack-unavailable`
 */
export interface InstanceFlags {
  /** The newest revision that was applied to all tenants; 0 for none. */
  readRevision(): Promise<number>;
  /**
   * Makes the tenant's `flags_<namespace>` what is given; it is made first where it is missing. What is newer than
   * `setRevision` stays as it is: somebody was quicker.
   */
  writeTenant(
    tenant: Pick<Tenant, "tenantId" | "namespace">,
    flags: readonly TenantFlag[],
    setRevision: number,
  ): Promise<void>;
  writeRevision(revision: number): Promise<void>;
}
export type OpenInstanceFlags = (address: StackAddress) => InstanceFlags;

/** Whom flags are for: what the flags' room must know of instances and tenants. */
export interface FlagTargets {
  /** Instances in service. */
  instances(): Promise<readonly StackAddress[]>;
  /** Tenants with a space of their own on an instance. */
  tenants(): Promise<readonly Tenant[]>;
}
