/** Where a Stack instance answers the control plane. `id` names its superuser's secret as well. */
export interface StackAddress {
  readonly instanceId: string;
  /** Base URL without a trailing slash, reached from inside only. */
  readonly internalEndpoint: string;
}

/** Where the instance's server is at this moment. @throws Error when it does not run */
export type LocateInstance = (instanceId: string) => Promise<string>;

/** A tenant as its Stack knows it: the row of `_tenants` and the owner of the namespaced collections. */
export interface TenantSpace {
  /** 15 or more characters of [a-z0-9]; the id of the `_tenants` row and the prefix of the tenant's collection ids. */
  readonly tenantId: string;
  readonly slug: string;
  /** Slug with `-` as `_`; the suffix of the tenant's collection names. */
  readonly namespace: string;
  readonly name: string;
  readonly orgId: string;
  readonly plan: string;
  readonly maxUsers: number;
  readonly maxNodes: number;
  readonly maxServices: number;
  /** Records and files together, in millions of bytes. */
  readonly storageMegabytesMax: number;
}

/** What a plan means on the Stack. */
export type TenantLimits = Pick<
  TenantSpace,
  "tenantId" | "plan" | "maxUsers" | "maxNodes" | "maxServices" | "storageMegabytesMax"
>;

/** The person for whom a session is wanted; the identity was verified by the caller. */
export interface SessionRequest {
  readonly tenantId: string;
  readonly namespace: string;
  /** Zitadel subject. */
  readonly sub: string;
  readonly email?: string;
  readonly name?: string;
  /** An administrator of the organisation becomes administrator of the Stack; so does a tenant's first user. */
  readonly isOrganisationAdmin: boolean;
}

/** A person of a tenant, whether or not they ever signed in to its Stack. */
export type StackPerson = Pick<SessionRequest, "tenantId" | "namespace" | "sub">;

/** A signed-in PocketBase user. `record` is the user's public record as PocketBase returns it. */
export interface StackSession {
  readonly token: string;
  readonly record: Readonly<Record<string, unknown>>;
}

export type SessionOutcome =
  | { readonly kind: "opened"; readonly session: StackSession }
  | { readonly kind: "user-limit-reached"; readonly maxUsers: number }
  | { readonly kind: "tenant-suspended" }
  | { readonly kind: "tenant-unknown" };

/**
 * One Stack instance, as its superuser. Every method may be repeated and is bounded in time.
 * @throws DomainError `stack-unavailable` when the instance does not answer, refuses or answers nonsense
 */
export interface Stack {
  /** True when the instance answers its health check. Never throws for an instance that is merely not up yet. */
  isReady(): Promise<boolean>;
  /** Brings a new instance to the state tenants need: settings and system collections. */
  prepare(): Promise<void>;
  /**
   * Creates or completes a tenant's collections and its `_tenants` row, all or nothing for the collections. Of a known
   * tenant the status stays.
   * @throws DomainError `conflict` when slug, namespace or organisation are another tenant's on this instance
   */
  createTenantSpace(space: TenantSpace): Promise<void>;
  /**
   * Writes plan and limits into the row of a tenant that is there; its data stays, also where it is beyond a new limit.
   * False: the instance does not know the tenant.
   */
  changeLimits(limits: TenantLimits): Promise<boolean>;
  /** Finds or creates the tenant's user for this person and signs the user in. Safe against concurrent first logins. */
  openSession(request: SessionRequest): Promise<SessionOutcome>;
  /** Ends every session of one person at once, open connections included. It refuses no new ones: the exchange does. */
  endSessions(person: StackPerson): Promise<void>;
  /** Gives the person the role that follows from this now, as the next session would. */
  changeRole(person: StackPerson, isOrganisationAdmin: boolean): Promise<void>;
  /** Ends every session of the tenant at once and refuses new ones. */
  suspendTenant(tenantId: string, namespace: string): Promise<void>;
  resumeTenant(tenantId: string, namespace: string): Promise<void>;
}

/** Reaches Stack instances. */
export interface Stacks {
  at(address: StackAddress): Stack;
}
