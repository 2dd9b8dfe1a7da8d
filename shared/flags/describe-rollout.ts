import type { Clock } from "../kernel/clock.ts";
import { isLeased } from "./flag-lease.ts";
import type { FlagRollout, FlagStore } from "./flag-store.ts";
import type { FlagTargets } from "./ports.ts";

/**
 * - `current`: has the newest revision
 * - `applying`: it is being written
 * - `behind`: lacks revisions, or nobody knows what it has
 * - `failed`: the last attempt did not succeed; it is repeated
 */
export type RolloutState = "current" | "applying" | "behind" | "failed";

export interface InstanceRollout {
  readonly instanceId: string;
  readonly state: RolloutState;
  /** The last one that was applied as a whole; 0 for none. */
  readonly revision: number;
  /** For people; null unless failed. */
  readonly cause: string | null;
  readonly failures: number;
  /** ISO 8601; null: nothing was applied yet. */
  readonly updatedAt: string | null;
}

/** The newest revision, and how far each instance in service is. */
export type DescribeRollout = () => Promise<{
  readonly revision: number;
  readonly instances: readonly InstanceRollout[];
}>;

interface Deps {
  readonly flags: FlagStore;
  readonly targets: Pick<FlagTargets, "instances">;
  readonly clock: Clock;
}

const stateOf = (rollout: FlagRollout | undefined, newest: number, now: Date): RolloutState => {
  if (rollout === undefined) return newest === 0 ? "current" : "behind";
  if (isLeased(rollout, now)) return "applying";
  if (rollout.status === "failed") return "failed";
  return rollout.revision === newest && rollout.digest !== "" ? "current" : "behind";
};

export const makeDescribeRollout =
  ({ flags, targets, clock }: Deps): DescribeRollout =>
  async () => {
    const [{ revision }, instances, rollouts] = await Promise.all([
      flags.readSet(),
      targets.instances(),
      flags.rollouts(),
    ]);
    const known = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
    const now = clock();
    return {
      revision,
      instances: instances.map(({ instanceId }) => {
        const rollout = known.get(instanceId);
        return {
          instanceId,
          state: stateOf(rollout, revision, now),
          revision: rollout?.revision ?? 0,
          cause: rollout?.cause ?? null,
          failures: rollout?.failures ?? 0,
          updatedAt: rollout === undefined || rollout.status === "new" ? null : rollout.updatedAt,
        };
      }),
    };
  };
