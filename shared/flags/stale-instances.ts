import type { ApplyFlagsDeps } from "./apply-flags.ts";
import { isOn } from "./apply-flags.ts";
import { isLeased } from "./flag-lease.ts";
import type { FlagRollout } from "./flag-store.ts";
import { digestOf, tenantEvaluator } from "./tenant-flags.ts";

const pauseMillisecondsMax = 60_000;
const pauseMilliseconds = 5_000;
const failuresCounted = 10;
/** Once an hour everything is compared with what the instance really has. */
const trustMilliseconds = 3_600_000;

const isDue = (rollout: FlagRollout, digest: string, now: Date): boolean => {
  if (isLeased(rollout, now)) return false;
  const age = now.getTime() - Date.parse(rollout.updatedAt);
  if (rollout.status === "failed") {
    return age >= Math.min(pauseMillisecondsMax, pauseMilliseconds * 2 ** Math.min(rollout.failures, failuresCounted));
  }
  return rollout.digest !== digest || age >= trustMilliseconds;
};

/**
 * Instances that lack something: a revision, a tenant's new plan, a moment of a schedule, everything after they came into
 * service. Those that failed are left alone for a while, a minute at most, and those somebody writes to are left to that
 * worker; with `isForced` both are named at once.
 */
export type FindStaleInstances = (isForced: boolean) => Promise<{
  readonly revision: number;
  readonly instanceIds: readonly string[];
}>;

export const makeFindStaleInstances =
  ({ flags, targets, clock }: Omit<ApplyFlagsDeps, "openInstanceFlags">): FindStaleInstances =>
  async (isForced) => {
    const set = await flags.readSet();
    const { revision } = set;
    if (revision === 0) return { revision, instanceIds: [] };
    const [instances, tenants, rollouts] = await Promise.all([
      targets.instances(),
      targets.tenants(),
      flags.rollouts(),
    ]);
    const now = clock();
    const evaluate = tenantEvaluator(set, now);
    const known = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
    const isStale = (id: string): boolean => {
      const rollout = known.get(id);
      if (rollout === undefined) return true;
      if (isForced && (rollout.status === "failed" || isLeased(rollout, now))) return true;
      return isDue(rollout, digestOf(set, tenants.filter(isOn(id)), evaluate), now);
    };
    return { revision, instanceIds: instances.map(({ instanceId }) => instanceId).filter(isStale) };
  };
