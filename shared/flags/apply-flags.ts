import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { StackAddress } from "../stack/stack.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { FlagRollout, FlagSet, FlagStore } from "./flag-store.ts";
import type { FlagTargets, InstanceFlags, OpenInstanceFlags } from "./ports.ts";
import { digestOf, tenantEvaluator } from "./tenant-flags.ts";

export interface ApplyFlagsDeps {
  readonly flags: FlagStore;
  readonly targets: FlagTargets;
  readonly openInstanceFlags: OpenInstanceFlags;
  readonly clock: Clock;
}

/** `gone`: there is no such instance in service. */
export type ApplyOutcome = "applied" | "failed" | "gone";

/** Brings one instance to the newest revision. What fails is kept with the instance's rollout, for people and the timer. */
export type ApplyFlags = (instanceId: string) => Promise<ApplyOutcome>;

/** Revisions that come while one is being written are written as well, up to so many; the timer sees to the rest. */
const roundsMax = 3;
const tenantsAtOnce = 4;

const isOn =
  (instanceId: string) =>
  ({ placement }: Tenant): boolean =>
    placement?.instanceId === instanceId;

const writeTenants = async (
  instance: InstanceFlags,
  set: FlagSet,
  tenants: readonly Tenant[],
  now: Date,
): Promise<void> => {
  const evaluate = tenantEvaluator(set, now);
  for (let begin = 0; begin < tenants.length; begin += tenantsAtOnce) {
    const some = tenants.slice(begin, begin + tenantsAtOnce);
    await Promise.all(some.map((tenant) => instance.writeTenant(tenant, evaluate(tenant), set.revision)));
  }
};

interface Applied {
  readonly revision: number;
  readonly digest: string;
}

const applyNewest = async (deps: ApplyFlagsDeps, address: StackAddress): Promise<Applied> => {
  const instance = deps.openInstanceFlags(address);
  for (let round = 1; ; round += 1) {
    const set = await deps.flags.readSet();
    const now = deps.clock();
    const tenants = (await deps.targets.tenants()).filter(isOn(address.instanceId));
    const known = await instance.readRevision();
    if (known > set.revision) {
      throw new DomainError("flags-revision-older", `The instance has revision ${known} of the flags already.`, {
        facts: { revision: known },
      });
    }
    await writeTenants(instance, set, tenants, now);
    await instance.writeRevision(set.revision);
    const isNewest = (await deps.flags.readSet()).revision === set.revision;
    if (isNewest || round >= roundsMax) {
      return { revision: set.revision, digest: digestOf(set, tenants, tenantEvaluator(set, now)) };
    }
  }
};

const causeOf = (error: unknown): string =>
  error instanceof DomainError ? error.message : "The control plane failed; its log says why.";

/** `onFailure` is told the cause for the log. */
export const makeApplyFlags =
  (deps: ApplyFlagsDeps, onFailure: (instanceId: string, error: unknown) => void): ApplyFlags =>
  async (instanceId) => {
    const address = (await deps.targets.instances()).find((one) => one.instanceId === instanceId);
    if (address === undefined) return "gone";
    const at = (): string => deps.clock().toISOString();
    try {
      const applied = await applyNewest(deps, address);
      await deps.flags.writeRollout({
        ...{ id: instanceId, ...applied, status: "applied", cause: null, failures: 0, updatedAt: at() },
      });
      return "applied";
    } catch (error) {
      onFailure(instanceId, error);
      const before = (await deps.flags.rollouts()).find(({ id }) => id === instanceId);
      await deps.flags.writeRollout({
        ...{ id: instanceId, revision: before?.revision ?? 0, digest: "", status: "failed", cause: causeOf(error) },
        ...{ failures: (before?.failures ?? 0) + 1, updatedAt: at() },
      });
      return "failed";
    }
  };

/** Brings one tenant up to date where it lives: when it gets its space, and when its plan has changed. */
export type RefreshTenantFlags = (tenantId: string) => Promise<void>;

export const makeRefreshTenantFlags =
  ({ flags, targets, openInstanceFlags, clock }: ApplyFlagsDeps): RefreshTenantFlags =>
  async (tenantId) => {
    const [set, tenant, instances] = await Promise.all([
      flags.readSet(),
      targets.tenant(tenantId),
      targets.instances(),
    ]);
    const address = instances.find(({ instanceId }) => instanceId === tenant?.placement?.instanceId);
    if (tenant === undefined || address === undefined || set.revision === 0) return;
    await openInstanceFlags(address).writeTenant(tenant, tenantEvaluator(set, clock())(tenant), set.revision);
  };

const pauseMillisecondsMax = 60_000;
const pauseMilliseconds = 5_000;
/** Once an hour everything is compared with what the instance really has. */
const trustMilliseconds = 3_600_000;

const isDue = (rollout: FlagRollout | undefined, digest: string, now: number): boolean => {
  if (rollout === undefined) return true;
  const age = now - Date.parse(rollout.updatedAt);
  if (rollout.status === "failed") {
    return age >= Math.min(pauseMillisecondsMax, pauseMilliseconds * 2 ** Math.min(rollout.failures, 10));
  }
  return rollout.digest !== digest || age >= trustMilliseconds;
};

/**
 * Instances that lack something: a revision, a tenant's new plan, a moment of a schedule, everything after they came into
 * service. Those that failed are left alone for a while, a minute at most; with `isForced` they are named at once.
 */
export type FindStaleInstances = (isForced?: boolean) => Promise<readonly string[]>;

export const makeFindStaleInstances =
  ({ flags, targets, clock }: ApplyFlagsDeps): FindStaleInstances =>
  async (isForced = false) => {
    const set = await flags.readSet();
    if (set.revision === 0) return [];
    const [instances, tenants, rollouts] = await Promise.all([
      targets.instances(),
      targets.tenants(),
      flags.rollouts(),
    ]);
    const now = clock();
    const evaluate = tenantEvaluator(set, now);
    const known = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
    return instances
      .map(({ instanceId }) => instanceId)
      .filter((id) => {
        const rollout = known.get(id);
        if (isForced && rollout?.status === "failed") return true;
        return isDue(rollout, digestOf(set, tenants.filter(isOn(id)), evaluate), now.getTime());
      });
  };
