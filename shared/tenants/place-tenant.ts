import type { Stored } from "../documents/document-store.ts";
import { DocumentChanged } from "../documents/document-store.ts";
import type { UniqueNames } from "../documents/unique-names.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { Stacks } from "../stack/stack.ts";
import { planLimits } from "./plan.ts";
import type { InstancePool } from "./ports.ts";
import { slugName } from "./slug-name.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Placement, Tenant } from "./tenant.ts";

export interface PlaceTenantDeps {
  readonly tenants: TenantStore;
  readonly instances: InstancePool;
  readonly stacks: Stacks;
  readonly names: UniqueNames;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Pool for tenants that are not placed yet. */
  readonly pool: string;
}

/** `gone`: the tenant was cancelled, has failed or never was; there is nothing to place. */
export interface PlaceOutcome {
  readonly kind: "active" | "waiting" | "gone";
  readonly tenant: Tenant | undefined;
  /** Slots that were left on the instance when this call had taken one. */
  readonly free?: number;
}
/** `onClaimed` is called when the tenant has its slot, and again if it has to take another one. */
export type PlaceTenant = (tenantId: string, onClaimed: () => Promise<void>) => Promise<PlaceOutcome>;

const roundsMax = 40;
const reservationMilliseconds = 10 * 60_000;
/** More than scale-out starts room for at once, and few enough to read for every placement. */
const queueLookMax = 250;
const again = "again";
type Round = PlaceOutcome | typeof again;

interface Attempt {
  readonly deps: PlaceTenantDeps;
  readonly found: Stored<Tenant>;
  /** Instances seen full during this placement. */
  readonly full: string[];
  readonly onClaimed: () => Promise<void>;
}

const write = (attempt: Attempt, change: Partial<Tenant>): Promise<Stored<Tenant>> =>
  attempt.deps.tenants
    .forTenant(attempt.found.value.tenantId)
    .replace({ ...attempt.found.value, ...change }, attempt.found.etag);

/**
 * The tenant exists, so its slug is no longer reserved for a time but its own: a wait for room may be longer than any
 * reservation. One that lapsed in a crash is taken again, unless somebody else was quicker.
 */
const keepSlug = async ({ deps, found: { value } }: Attempt): Promise<void> => {
  const name = slugName(value.slug);
  if (await deps.names.hold(name, value.tenantId)) return;
  const until = isoAfter(deps.clock(), reservationMilliseconds);
  const isOurs = await deps.names.reserve(name, value.tenantId, until);
  if (isOurs && (await deps.names.hold(name, value.tenantId))) return;
  throw new DomainError("slug-taken", `The slug "${value.slug}" was taken meanwhile.`);
};

/** Who waits and was accepted earlier has the first right to a slot, as far as a look can tell. */
const isRoomLeft = async ({ deps, found }: Attempt): Promise<boolean> => {
  const waiting = await deps.tenants.inOrder("waiting", queueLookMax);
  const earlier = waiting.filter(({ sortKey }) => sortKey < found.value.sortKey).length;
  return earlier === 0 || (await deps.instances.free(deps.pool)) > earlier;
};

/** The intent is written on the tenant before any slot is touched, so that every worker follows the same claim. */
const intend = async (attempt: Attempt): Promise<Round> => {
  const { deps, found, full } = attempt;
  await keepSlug(attempt);
  const instanceId = (await isRoomLeft(attempt)) ? await deps.instances.pick(deps.pool, full) : undefined;
  if (instanceId === undefined) {
    const tenant = found.value.status === "waiting" ? found.value : (await write(attempt, { status: "waiting" })).value;
    return { kind: "waiting", tenant };
  }
  const placement: Placement = { instanceId, pool: deps.pool, claimId: deps.newId(), state: "claiming" };
  await write(attempt, { status: "provisioning", placement });
  return again;
};

const createSpace = async ({ deps, found: { value } }: Attempt, placement: Placement): Promise<void> => {
  const endpoints = await deps.instances.endpoints(placement);
  if (endpoints === undefined) throw new DomainError("stack-unavailable", "The Stack instance has no endpoint yet.");
  const address = { instanceId: placement.instanceId, internalEndpoint: endpoints.internalEndpoint };
  const { maxUsers, maxNodes, maxServices, storageMegabytesMax } = planLimits[value.plan];
  const limits = { maxUsers, maxNodes, maxServices, storageMegabytesMax };
  const { tenantId, slug, namespace, name, orgId, plan } = value;
  await deps.stacks.at(address).createTenantSpace({ tenantId, slug, namespace, name, orgId, plan, ...limits });
};

const settle = async (attempt: Attempt, placement: Placement): Promise<Round> => {
  const { deps, found, full } = attempt;
  const { tenantId } = found.value;
  const until = isoAfter(deps.clock(), reservationMilliseconds);
  const claim = await deps.instances.claim(tenantId, placement, until);
  if (claim.kind === "full") {
    full.push(placement.instanceId);
    await write(attempt, { placement: null });
    return again;
  }
  await attempt.onClaimed();
  await createSpace(attempt, placement);
  if (!(await deps.instances.activate(tenantId, placement))) return again;
  const active = await write(attempt, { status: "active", placement: { ...placement, state: "active" } });
  return { kind: "active", tenant: active.value, free: claim.free };
};

const release = async (attempt: Attempt, placement: Placement): Promise<Round> => {
  await attempt.deps.instances.release(attempt.found.value.tenantId, placement);
  await write(attempt, { placement: null });
  return again;
};

/** Whoever gave the tenant up released its slug, but a worker that knew nothing of it may have taken it back since. */
const leave = async ({ deps, found: { value: tenant } }: Attempt): Promise<Round> => {
  await deps.names.release(slugName(tenant.slug), tenant.tenantId);
  return { kind: "gone", tenant };
};

const playRound = (attempt: Attempt): Promise<Round> => {
  const tenant = attempt.found.value;
  if (tenant.status === "active" || tenant.status === "suspended") return Promise.resolve({ kind: "active", tenant });
  if (tenant.placement?.state === "releasing") return release(attempt, tenant.placement);
  if (tenant.status === "failed" || tenant.status === "cancelled") return leave(attempt);
  return tenant.placement === null ? intend(attempt) : settle(attempt, tenant.placement);
};

/**
 * Carries a tenant from any state to `active`, or to `waiting` when no instance has room. Every step may be repeated
 * and may be cut off anywhere; the next call goes on from what is stored (docs/decisions/0004-documents.md).
 * @throws DomainError `stack-unavailable` when the chosen instance does not answer; the claim is kept for the next call
 */
export const makePlaceTenant =
  (deps: PlaceTenantDeps): PlaceTenant =>
  async (tenantId, onClaimed) => {
    const full: string[] = [];
    for (let round = 1; round <= roundsMax; round += 1) {
      const found = await deps.tenants.forTenant(tenantId).read();
      if (found === undefined) return { kind: "gone", tenant: undefined };
      try {
        const result = await playRound({ deps, found, full, onClaimed });
        if (result !== again) return result;
      } catch (error) {
        if (!(error instanceof DocumentChanged)) throw error;
      }
    }
    throw new DomainError(
      "unavailable",
      "The tenant's document is being changed too often; it is tried again shortly.",
    );
  };
