import type { Caller } from "../gateway/caller.ts";
import { requireOrganisation } from "../gateway/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { standingOf, tenantIdOf } from "../tenants/tenant.ts";
import type { LaunchKeys } from "./launch-keys.ts";
import { audienceOf, launchTokenSeconds, signLaunchToken } from "./launch-token.ts";
import type { SsoTenants, SsoUsers } from "./ports.ts";

export interface LaunchStackDeps {
  readonly tenants: SsoTenants;
  readonly users: SsoUsers;
  readonly keys: LaunchKeys;
  readonly clock: Clock;
  /** 128 bits or more from a secure source, URL-safe text. */
  readonly newNonce: () => string;
  /** The platform's public base URL: the tokens' issuer, and where they are exchanged. */
  readonly publicBaseUrl: string;
}

export interface Launch {
  readonly redirectUrl: string;
  readonly token: string;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

export type LaunchStack = (caller: Caller) => Promise<Launch>;

const refuseUnlessActive = (tenant: Tenant | undefined): Tenant => {
  if (tenant === undefined || tenant.status === "cancelled") {
    throw new DomainError("tenant-not-found", "Your organisation has no tenant yet. Create one with POST /api/tenant.");
  }
  if (standingOf(tenant) === "suspended") {
    throw new DomainError("tenant-suspended", "Your organisation's tenant is suspended. Ask your administrator.");
  }
  if (tenant.status === "active") return tenant;
  throw new DomainError(
    "tenant-not-active",
    `The tenant is ${tenant.status}; it can be launched once it is active. See /api/operations/${tenant.operationId}.`,
    { facts: { tenantStatus: tenant.status, operation: `/api/operations/${tenant.operationId}` } },
  );
};

/**
 * Mints a token that signs the caller in to the tenant of the own organisation, once, within 60 seconds.
 * @throws DomainError `tenant-not-found`, `tenant-not-active`, `tenant-suspended`, `organisation-missing`,
 * `access-withdrawn`
 */
export const makeLaunchStack =
  ({ tenants, users, keys, clock, newNonce, publicBaseUrl }: LaunchStackDeps): LaunchStack =>
  async (caller) => {
    const org = requireOrganisation(caller);
    const tenant = refuseUnlessActive(await tenants.read(tenantIdOf(org)));
    if (tenant.placement === null)
      throw new DomainError("tenant-not-active", "The tenant has no instance at the moment.");
    users.refuse(await users.remember(caller));
    const now = clock();
    const token = await signLaunchToken(keys, {
      iss: publicBaseUrl,
      aud: audienceOf(tenant.placement.instanceId),
      sub: caller.sub,
      tid: tenant.tenantId,
      org,
      jti: newNonce(),
      iat: Math.floor(now.getTime() / 1000),
    });
    return {
      redirectUrl: `${publicBaseUrl}/api/internal/sso/exchange`,
      token,
      expiresAt: isoAfter(new Date(Math.floor(now.getTime() / 1000) * 1000), launchTokenSeconds * 1000),
    };
  };
