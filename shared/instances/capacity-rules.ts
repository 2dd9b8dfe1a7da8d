import { isoAfter } from "../kernel/clock.ts";
import type { Instance } from "./instance.ts";
import { capacityOf, DeploymentMode, poolOf, Region } from "./instance.ts";

/** At most this many of a pool are on their way at once: a wave of sign-ups must not use up a region's quota in one go. */
export const onTheWayMax = 4;
const firstPauseMilliseconds = 15_000;
const pauseMillisecondsMax = 15 * 60_000;

/** Whether tenants may be put on it: in service, and not known to be unwell. */
export const isPlaceable = ({ status, health }: Pick<Instance, "status" | "health">): boolean =>
  status === "active" && (health === "unknown" || health === "healthy" || health === "degraded");

/** Slots that tenants could be given at once. */
export const freeSlots = (members: readonly Instance[]): number =>
  members.filter(isPlaceable).reduce((sum, { capacity, used }) => sum + Math.max(0, capacity - used), 0);

/** The inverse of `poolOf`; undefined for a name that is no pool's. */
export const placeOf = (pool: string): { readonly region: Region; readonly mode: DeploymentMode } | undefined =>
  Region.options
    .flatMap((region) => DeploymentMode.options.map((mode) => ({ region, mode })))
    .find(({ region, mode }) => poolOf(region, mode) === pool);

/**
 * How many tries have failed since the last one that did not. What comes to `failed` was a try, whoever asked for it; one
 * still on its way is no evidence.
 */
const failuresInARow = (newestFirst: readonly Instance[]): readonly Instance[] => {
  const ended = newestFirst.filter(({ status }) => status !== "provisioning");
  const success = ended.findIndex(({ status }) => status !== "failed");
  return success === -1 ? ended : ended.slice(0, success);
};

/** From the beginning of the try that failed last: a try that took long to fail has been its own pause. */
const pauseEnd = (failures: readonly Instance[]): string => {
  const [newest] = failures;
  if (newest === undefined) return "";
  const pause = Math.min(pauseMillisecondsMax, firstPauseMilliseconds * 2 ** (failures.length - 1));
  return isoAfter(new Date(newest.createdAt), pause);
};

/** A pool at one moment. */
export interface PoolState {
  readonly mode: DeploymentMode;
  /** Newest first; whatever has ever been in the pool, as far as it is known. */
  readonly members: readonly Instance[];
  /** Tenants that wait for a slot and hold none. */
  readonly waiting: number;
  readonly headroom: number;
}

/** `hold`: more is needed, but not now. `until`: the pause after failures (ISO 8601 UTC); null: those on their way come first. */
export type CapacityNeed =
  | { readonly kind: "enough" }
  | { readonly kind: "start"; readonly count: number }
  | { readonly kind: "hold"; readonly failures: number; readonly until: string | null };

/**
 * Slots a pool lacks. Those that wait come first, then the headroom, which a pool has while it is in service: an unused
 * pool stays empty until somebody waits. A DEDICATED instance is made for its one tenant; none is kept ready.
 */
export const missingSlots = ({ mode, members, waiting, headroom }: PoolState): number => {
  const isInService = members.some(({ status }) => ["active", "draining", "retiring"].includes(status));
  const kept = mode === "SHARED" && isInService ? headroom : 0;
  const onTheWay = members.filter(({ status }) => status === "provisioning");
  const coming = onTheWay.reduce((sum, { capacity }) => sum + capacity, 0);
  return Math.max(0, waiting + kept - freeSlots(members) - coming);
};

/** Whether a pool needs more instances, and how many of them may be started now. */
export const capacityNeed = (state: PoolState, now: Date): CapacityNeed => {
  const missing = missingSlots(state);
  if (missing === 0) return { kind: "enough" };
  const failed = failuresInARow(state.members);
  const failures = failed.length;
  const onTheWay = state.members.filter(({ status }) => status === "provisioning").length;
  // While the last tries have failed, one at a time shows whether it works again.
  const mayStart = (failures > 0 ? 1 : onTheWayMax) - onTheWay;
  if (mayStart <= 0) return { kind: "hold", failures, until: null };
  const until = pauseEnd(failed);
  if (until > now.toISOString()) return { kind: "hold", failures, until };
  return { kind: "start", count: Math.min(mayStart, Math.ceil(missing / capacityOf[state.mode])) };
};
