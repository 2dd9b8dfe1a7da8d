import type { Caller } from "../../shared/gateway/caller.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { Subject } from "../simulations/simulation.ts";

/** What the control plane says of tenants. Known for half a minute, and up to five while it does not answer. */
export interface Tenants {
  /**
   * The tenant a caller acts for; `isForChange`: as it was two seconds ago at most, for a plan may just have been paid for.
   * @throws DomainError `organisation-missing`, `access-withdrawn`, `tenant-not-found`, `tenant-suspended`,
   * `tenant-not-active`; `unavailable` when nothing is known and the control plane does not answer
   */
  standingOf(caller: Caller, isForChange?: boolean): Promise<TenantStanding>;
  /**
   * The tenant of whoever made something, whatever became of them; `isActive` is false from a suspension on. Undefined when
   * the control plane does not know them there: that says nothing about the tenant.
   * @throws DomainError `unavailable`
   */
  standingOfTenant(subject: Subject): Promise<TenantStanding | undefined>;
}
