import type { Caller } from "../gateway/caller.ts";
import type { Tenant } from "../tenants/tenant.ts";

/** Tenants as single sign-on needs them. */
export interface SsoTenants {
  /** The tenant document of this id, if there is one. */
  read(tenantId: string): Promise<Tenant | undefined>;
  endpoints(
    tenant: Tenant,
  ): Promise<{ readonly internalEndpoint: string; readonly publicEndpoint: string } | undefined>;
}

/** What is known of a person, from tokens and from the identity provider's own record. */
export interface KnownUser {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly orgId?: string | undefined;
  readonly isOrganisationAdmin: boolean;
  readonly status: "active" | "deactivated" | "removed";
  readonly wasGranted: boolean;
  readonly grants: readonly { readonly orgId: string }[];
}

export interface SsoUsers {
  remember(caller: Caller): Promise<KnownUser>;
  find(sub: string): Promise<KnownUser | undefined>;
  /** @throws DomainError `access-withdrawn` for somebody who may not come in any more */
  refuse(user: KnownUser): void;
}

/** Things that may happen once: a launch token's use. */
export interface OneTimeUse {
  /** True for the first caller, false for every other one until then at least. */
  consume(name: string, untilIso: string): Promise<boolean>;
}
