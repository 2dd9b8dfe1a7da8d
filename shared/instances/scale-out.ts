import { DocumentConflict } from "../documents/document-store.ts";
import type { Logger } from "../kernel/logger.ts";
import type { CapacityNeed, PoolState } from "./capacity-rules.ts";
import { capacityNeed, freeSlots, placeOf } from "./capacity-rules.ts";
import type { CreateInstanceDeps } from "./create-instance.ts";
import { beginInstance, nextIds } from "./create-instance.ts";
import type { StartProvisioning } from "./ports.ts";

export interface ScaleOutDeps extends CreateInstanceDeps {
  /** Free slots below which a pool gets another instance. */
  readonly headroom: number;
  /** Tenants that wait for a slot of the pool and hold none. */
  readonly waiting: (pool: string) => Promise<number>;
  readonly log: Logger;
}

/**
 * Starts what a pool needs (`capacityNeed`) and says what it found last. Any number of workers may call it at once.
 * @throws whatever the stores or the durable client throw; what is recorded by then is started by the reconciler
 */
export type ScaleOut = (pool: string, startProvisioning: StartProvisioning) => Promise<CapacityNeed>;

const looksMax = 10;

export const makeScaleOut = (deps: ScaleOutDeps): ScaleOut => {
  const { instances, clock, log } = deps;

  /** False: another worker took one of the ids; it saw the same need. */
  const start = async (
    place: NonNullable<ReturnType<typeof placeOf>>,
    { members, waiting }: PoolState,
    count: number,
    startProvisioning: StartProvisioning,
  ): Promise<boolean> => {
    for (const id of nextIds(place, members, count)) {
      try {
        await beginInstance(deps, { ...place, startProvisioning }, id);
      } catch (error) {
        if (error instanceof DocumentConflict) return false;
        throw error;
      }
      log.info("another instance is started", { instance: id, free: freeSlots(members), waiting });
    }
    return true;
  };

  return async (pool, startProvisioning) => {
    const place = placeOf(pool);
    if (place === undefined) throw new RangeError(`${pool} is not a pool.`);
    let need: CapacityNeed = { kind: "enough" };
    for (let look = 1; look <= looksMax; look += 1) {
      // In this order: who gets a slot between the two reads is missed for a moment, but never counted twice.
      const members = await instances.members(pool);
      const state = { mode: place.mode, members, waiting: await deps.waiting(pool), headroom: deps.headroom };
      need = capacityNeed(state, clock());
      if (need.kind !== "start" || (await start(place, state, need.count, startProvisioning))) return need;
    }
    return need;
  };
};

export interface KeepCapacityDeps extends Pick<ScaleOutDeps, "instances" | "log"> {
  readonly scaleOut: ScaleOut;
  /** The pool where tenants are placed. */
  readonly pool: string;
}

export type KeepCapacity = (startProvisioning: StartProvisioning) => Promise<void>;

/**
 * Holds the headroom of the pool where tenants are placed, and of every other one with an active instance: also after
 * instances failed, were drained or fell ill. A pool elsewhere whose last instance is drained is left to end.
 */
export const makeKeepCapacity =
  ({ instances, log, scaleOut, pool }: KeepCapacityDeps): KeepCapacity =>
  async (startProvisioning) => {
    const active = await instances.list({ status: "active" });
    for (const each of new Set([pool, ...active.map((instance) => instance.pool)])) {
      const need = await scaleOut(each, startProvisioning);
      if (need.kind === "hold" && need.failures > 0) {
        log.warn("an instance is needed, but the last tries failed", {
          pool: each,
          failures: need.failures,
          nextTryAt: need.until ?? "when the one on its way has ended",
        });
      }
    }
  };
