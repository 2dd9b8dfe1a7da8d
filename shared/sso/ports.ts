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

/** What is known of a person from the newest verified access token. */
export interface KnownUser {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly orgId?: string | undefined;
  readonly isOrganisationAdmin: boolean;
}

export interface SsoUsers {
  remember(caller: Caller): Promise<void>;
  find(sub: string): Promise<KnownUser | undefined>;
}

/** Things that may happen once: a launch token's use. */
export interface OneTimeUse {
  /** True for the first caller, false for every other one until then at least. */
  consume(name: string, untilIso: string): Promise<boolean>;
}
