import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { SessionOutcome, SessionRequest, Stack, StackSession, Stacks } from "../stack/stack.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { standingOf } from "../tenants/tenant.ts";
import type { LaunchKeys } from "./launch-keys.ts";
import type { LaunchClaims } from "./launch-token.ts";
import { audienceOf, clockToleranceSeconds, verifyLaunchToken } from "./launch-token.ts";
import type { KnownUser, OneTimeUse, SsoTenants, SsoUsers } from "./ports.ts";

export interface ExchangeTokenDeps {
  readonly tenants: SsoTenants;
  readonly users: SsoUsers;
  readonly keys: LaunchKeys;
  readonly once: OneTimeUse;
  readonly stacks: Stacks;
  readonly clock: Clock;
  readonly publicBaseUrl: string;
}

export interface ExchangedSession extends StackSession {
  readonly tenant: Tenant;
  readonly publicEndpoint: string;
}

export type ExchangeToken = (token: string) => Promise<ExchangedSession>;

interface Placed {
  readonly tenant: Tenant;
  readonly instanceId: string;
  readonly internalEndpoint: string;
  readonly publicEndpoint: string;
}

const invalid = (): DomainError =>
  new DomainError("launch-token-invalid", "The launch token is not valid. Launch the Stack again.");

const suspended = (): DomainError =>
  new DomainError("tenant-suspended", "This tenant is suspended. Ask your organisation's administrator.");

/** The tenant a token speaks of, as it stands now: what was true at the launch may have changed since. */
const place = async (tenants: SsoTenants, claims: LaunchClaims): Promise<Placed> => {
  const tenant = await tenants.read(claims.tid);
  if (tenant?.orgId !== claims.org || tenant.placement === null) throw invalid();
  if (claims.aud !== audienceOf(tenant.placement.instanceId)) throw invalid();
  if (standingOf(tenant) === "suspended") throw suspended();
  if (tenant.status !== "active") throw invalid();
  const endpoints = await tenants.endpoints(tenant);
  if (endpoints === undefined) throw new DomainError("stack-unavailable", "The Stack has no endpoint at the moment.");
  return { tenant, instanceId: tenant.placement.instanceId, ...endpoints };
};

const identify = async (users: SsoUsers, claims: LaunchClaims): Promise<KnownUser> => {
  const user = await users.find(claims.sub);
  if (user?.orgId !== claims.org) throw invalid();
  users.refuse(user);
  return user;
};

/**
 * Whoever loses the access is first marked in the record, then their sessions are ended. A session that was opened after
 * that ending is found here, before anybody has it.
 */
const admitAgain = async (users: SsoUsers, stack: Stack, request: SessionRequest): Promise<void> => {
  const user = await users.find(request.sub);
  try {
    if (user === undefined) throw invalid();
    users.refuse(user);
  } catch (refusal) {
    await stack.endSessions(request);
    throw refusal;
  }
};

const launchAgain = "The launch token is used up: launch the Stack again in a moment.";

/** The token is consumed by now, so that trying the same request again cannot help, whatever a 503 usually means. */
const openOnce = async (stack: Stack, request: SessionRequest): Promise<SessionOutcome> => {
  try {
    return await stack.openSession(request);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "stack-unavailable") throw error;
    throw new DomainError("stack-unavailable", `The Stack does not answer. ${launchAgain}`, { cause: error });
  }
};

/**
 * Exchanges a launch token for a session on the tenant's Stack (contract C6). Everything that can refuse without
 * consequences comes first; then the token is consumed; only then is a session made.
 * @throws DomainError `launch-token-invalid|expired|replayed`, `tenant-suspended`, `access-withdrawn`,
 * `user-limit-reached`, `stack-unavailable`
 */
export const makeExchangeToken =
  ({ tenants, users, keys, once, stacks, clock, publicBaseUrl }: ExchangeTokenDeps): ExchangeToken =>
  async (token) => {
    const claims = await verifyLaunchToken(token, { keys, issuer: publicBaseUrl, now: clock() });
    const placed = await place(tenants, claims);
    const user = await identify(users, claims);
    // Twice the tolerance: the record must outlive every clock that would still accept the token.
    const until = new Date((claims.exp + 2 * clockToleranceSeconds) * 1000).toISOString();
    if (!(await once.consume(`jti:${claims.jti}`, until))) {
      throw new DomainError("launch-token-replayed", "This launch token was used before. Launch the Stack again.");
    }
    const { tenant, instanceId, internalEndpoint, publicEndpoint } = placed;
    const request = {
      tenantId: tenant.tenantId,
      namespace: tenant.namespace,
      sub: claims.sub,
      ...(user.email === undefined ? {} : { email: user.email }),
      ...(user.name === undefined ? {} : { name: user.name }),
      isOrganisationAdmin: user.isOrganisationAdmin,
    };
    const stack = stacks.at({ instanceId, internalEndpoint });
    const outcome = await openOnce(stack, request);
    switch (outcome.kind) {
      case "opened":
        await admitAgain(users, stack, request);
        return { ...outcome.session, tenant, publicEndpoint };
      case "tenant-suspended":
        throw suspended();
      case "user-limit-reached":
        throw new DomainError(
          "user-limit-reached",
          `The plan ${tenant.plan} allows ${outcome.maxUsers} users, and all places are taken. Ask your administrator.`,
          { facts: { maxUsers: outcome.maxUsers, plan: tenant.plan } },
        );
      case "tenant-unknown":
        throw new DomainError("stack-unavailable", `The Stack does not know this tenant yet. ${launchAgain}`);
    }
  };
