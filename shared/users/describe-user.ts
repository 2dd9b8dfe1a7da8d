import { createHash } from "node:crypto";
import { DomainError } from "../kernel/errors.ts";
import { planLimits } from "../tenants/plan.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { tenantIdOf } from "../tenants/tenant.ts";

/** A person's record as far as other services are told of it. What is not there yet has not been said by anybody. */
export interface DescribedPerson {
  readonly id: string;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  /** The organisation that owns the person. */
  readonly orgId?: string | undefined;
  readonly isOrganisationAdmin: boolean;
  readonly status?: "active" | "deactivated" | "removed" | undefined;
  /** Roles that are in force, each in one organisation. */
  readonly grants?: readonly { readonly orgId: string; readonly roles: readonly string[] }[] | undefined;
  /** Whether the own organisation ever granted a role. */
  readonly wasGranted?: boolean | undefined;
}

interface DescribeUserDeps {
  readonly findPerson: (sub: string) => Promise<DescribedPerson | undefined>;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
}

const administratorRole = "admin";

/** Whatever is said of a person is said for one organisation: its roles, its tenant, its plan, and no other's. */
const inOrganisation = (person: DescribedPerson, orgId: string) => {
  const isHome = person.orgId === orgId;
  const grants = (person.grants ?? []).filter((grant) => grant.orgId === orgId);
  const granted = grants.flatMap(({ roles }) => roles);
  const roles = isHome && person.isOrganisationAdmin ? [administratorRole, ...granted] : granted;
  const isWithdrawn = isHome && person.wasGranted === true && grants.length === 0;
  const status = person.status ?? "active";
  return {
    isMember: isHome || grants.length > 0,
    status: status === "active" && isWithdrawn ? ("withdrawn" as const) : status,
    roles: status === "active" && !isWithdrawn ? [...new Set(roles)].sort() : [],
  };
};

/** A tenant that was given up is none. */
const tenantPart = (tenant: Tenant | undefined) => {
  if (tenant === undefined || tenant.status === "cancelled") return { tenant: null, plan: null, limits: null };
  const { tenantId, slug, name, status, plan } = tenant;
  return { tenant: { id: tenantId, slug, name, status }, plan, limits: planLimits[plan] };
};

/**
 * A person within one organisation (contract C1). `status` other than `active`: not to be let in (`withdrawn`: every role
 * in the own organisation was taken away). `plan` and `limits` are null without a tenant.
 */
const userView = (person: DescribedPerson, orgId: string, tenant: Tenant | undefined) => {
  const { status, roles } = inOrganisation(person, orgId);
  const { id, email = null, name = null } = person;
  return { id, email, name, status, organisation: { id: orgId }, roles, ...tenantPart(tenant) };
};
export type UserView = ReturnType<typeof userView>;

/** @throws DomainError `not-found` for nobody, and alike for somebody who has nothing to do with the organisation */
export type DescribeUser = (sub: string, orgId: string) => Promise<{ readonly view: UserView; readonly etag: string }>;

/** Of the answer itself, so that whatever it is made of counts. */
const etagOf = (view: UserView): string => `"${createHash("sha256").update(JSON.stringify(view)).digest("base64url")}"`;

export const makeDescribeUser =
  ({ findPerson, findTenant }: DescribeUserDeps): DescribeUser =>
  async (sub, orgId) => {
    const person = await findPerson(sub);
    if (person === undefined || !inOrganisation(person, orgId).isMember) {
      throw new DomainError("not-found", "There is nobody with this id in the organisation.");
    }
    const tenant = await findTenant(tenantIdOf(orgId));
    const view = userView(person, orgId, tenant?.orgId === orgId ? tenant : undefined);
    return { view, etag: etagOf(view) };
  };
