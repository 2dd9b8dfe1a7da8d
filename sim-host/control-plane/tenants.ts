import { requireOrganisation } from "../../shared/gateway/caller.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { Subject } from "../simulations/simulation.ts";
import type { AskMembership, Membership } from "./ask-membership.ts";
import { keepAnswers } from "./kept-answers.ts";
import type { Tenants } from "./ports.ts";

interface Deps {
  readonly askMembership: AskMembership;
  readonly clock: Clock;
}

/** So old an answer may be when something is asked for that a plan allows or not. */
const changeMilliseconds = 2_000;
/** A suspension is felt within this time. */
const freshMilliseconds = 30_000;
/** A tenant that was just made, or resumed, is let in within this time. */
const refusalMilliseconds = 5_000;
/** Longer than a control plane restarts, shorter than anybody minds a suspension that comes late. */
const staleMilliseconds = 5 * 60_000;
const pauseMilliseconds = 5_000;
const entriesMax = 10_000;

const isUsable = ({ person, tenant }: Membership): boolean => person === "active" && tenant?.status === "active";

const standingIn = ({ tenant }: Membership, subject: Subject): TenantStanding | undefined =>
  tenant && { tenantId: tenant.id, plan: tenant.plan, isActive: tenant.status === "active", subject };

/** @throws DomainError as `Tenants.standingOf` */
const requireUsable = (membership: Membership, subject: Subject): TenantStanding => {
  const standing = standingIn(membership, subject);
  if (membership.person === "locked-out") {
    throw new DomainError("access-withdrawn", "Your access was withdrawn. Ask an administrator of your organisation.");
  }
  if (standing === undefined) throw new DomainError("tenant-not-found", "Your organisation has no tenant.");
  if (standing.isActive) return standing;
  const status = membership.tenant?.status ?? "unknown";
  throw status === "suspended"
    ? new DomainError("tenant-suspended", "The tenant is suspended.")
    : new DomainError("tenant-not-active", `The tenant is ${status}. Try again once it is active.`);
};

/** Tenants by what the control plane says of who acts for them, kept for a while. */
export const makeTenants = ({ askMembership, clock }: Deps): Tenants => {
  const read = keepAnswers<Subject, Membership>({
    ask: askMembership,
    keyOf: ({ sub, orgId }) => JSON.stringify([sub, orgId]),
    freshMilliseconds: (membership) => (isUsable(membership) ? freshMilliseconds : refusalMilliseconds),
    ...{ staleMilliseconds, pauseMilliseconds, entriesMax, clock },
  });
  return {
    async standingOf(caller, isForChange = false) {
      const subject = { sub: caller.sub, orgId: requireOrganisation(caller) };
      const membership = await (isForChange ? read(subject, changeMilliseconds) : read(subject));
      return requireUsable(membership, subject);
    },
    async standingOfTenant(subject) {
      return standingIn(await read(subject), subject);
    },
  };
};
