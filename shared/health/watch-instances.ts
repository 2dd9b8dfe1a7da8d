import type { Instance } from "../instances/instance.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Sample } from "./health-rules.ts";
import { healthThresholds } from "./health-thresholds.ts";
import type { IncidentStore } from "./incident-store.ts";
import { resolvedNow } from "./incident.ts";
import { inParallel } from "./in-parallel.ts";
import type { MaintenanceStore, MaintenanceWindow } from "./maintenance.ts";
import { maintenanceUntil } from "./maintenance.ts";
import type { ProbeInstance, ProbeOutcome, WatchedInstances } from "./ports.ts";
import type { SettleWatch } from "./settle-watch.ts";
import type { WatchStore } from "./watch-store.ts";
import type { Look } from "./watch.ts";
import { afterRound } from "./watch.ts";

export interface WatchInstancesDeps {
  readonly instances: Pick<WatchedInstances, "list" | "update">;
  readonly watches: WatchStore;
  readonly incidents: Pick<IncidentStore, "unresolved">;
  readonly settle: SettleWatch;
  readonly windows: Pick<MaintenanceStore, "current">;
  readonly probe: ProbeInstance;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One round: looks at every instance in service. */
export type WatchInstances = () => Promise<void>;

const probesAtOnceMax = 256;
/** No probe begins later than this after the round did; who is left out is looked at first in the next round. */
const roundMilliseconds = 6_000;

const sampleOf = (outcome: ProbeOutcome, at: string): Sample => {
  if (outcome.kind !== "answered") {
    const isSignOfLife = outcome.kind === "wrong";
    return { source: "probe", at, verdict: "bad", isSignOfLife, cause: outcome.cause };
  }
  const { status, failedChecks, latencyMilliseconds } = outcome;
  const isSlow = latencyMilliseconds > healthThresholds.slowMilliseconds;
  const slow = isSlow ? `It took ${(latencyMilliseconds / 1000).toFixed(1)} seconds to answer.` : null;
  const failed = failedChecks.length === 0 ? "" : `: ${failedChecks.join(", ")} failed`;
  const cause = status === "degraded" ? `It says that it is degraded${failed}.` : slow;
  return { source: "probe", at, verdict: cause === null ? "good" : "degraded", isSignOfLife: true, cause };
};

const copyHealth = async (
  { instances }: WatchInstancesDeps,
  { pool, id, health }: Instance,
  state: Instance["health"],
): Promise<void> => {
  if (health === state) return;
  await instances.update(pool, id, (current) => (current.health === state ? undefined : { ...current, health: state }));
};

const makeLookAt = (deps: WatchInstancesDeps) => {
  const { settle } = deps;
  return async (instance: Instance, at: string, windows: readonly MaintenanceWindow[]): Promise<void> => {
    const endpoint = instance.internalEndpoint;
    const outcome = endpoint === null ? undefined : await deps.probe(endpoint, instance.id);
    const quietUntil = maintenanceUntil(windows, instance.id, at);
    const look: Look = {
      at,
      sample: outcome === undefined ? undefined : sampleOf(outcome, at),
      latencyMilliseconds: outcome?.kind === "answered" ? outcome.latencyMilliseconds : null,
      version: outcome?.kind === "answered" ? outcome.version : null,
      isInMaintenance: quietUntil !== undefined,
    };
    const watch = await deps.watches.change(instance.id, at, async (current) => {
      const next = afterRound(current, look);
      // What an earlier round decided is carried out before it is forgotten; a kill in between repeats it.
      if (next !== current) await settle(current, quietUntil);
      return next;
    });
    await settle(watch, quietUntil);
    await copyHealth(deps, instance, watch.vitals.state);
  };
};

/** Incidents of instances that are no longer watched: retired ones have no trouble any more. */
const makeCloseForsaken = (deps: WatchInstancesDeps) => {
  return async (watched: ReadonlySet<string>, at: string): Promise<void> => {
    for (const { instanceId, id } of await deps.incidents.unresolved()) {
      if (watched.has(instanceId)) continue;
      const watch = await deps.watches.change(instanceId, at, (current) =>
        current.incident?.id === id && current.incident.resolvedAt === null
          ? { ...current, incident: resolvedNow(current.incident, at, null, "unknown") }
          : current,
      );
      await deps.settle(watch, undefined);
    }
  };
};

/** In a fleet too large to be looked at all at once, whoever a slow round left out comes first in the next. */
const longestUnseenFirst = async (
  watches: WatchStore,
  inService: readonly Instance[],
): Promise<readonly Instance[]> => {
  const seenAt = new Map((await watches.all()).map(({ instanceId, probedAt }) => [instanceId, probedAt ?? ""]));
  const keyOf = ({ id }: Instance): string => seenAt.get(id) ?? "";
  return inService.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)));
};

/**
 * Looks at every active and draining instance, side by side with a bound. A round that overlaps another adds nothing
 * (`afterRound`), one that is killed is finished by the next.
 */
export const makeWatchInstances = (deps: WatchInstancesDeps): WatchInstances => {
  const { instances, watches, windows, clock, log } = deps;
  const lookAt = makeLookAt(deps);
  const closeForsaken = makeCloseForsaken(deps);
  return async () => {
    const begin = clock();
    const at = begin.toISOString();
    const inService = [
      ...(await instances.list({ status: "active" })),
      ...(await instances.list({ status: "draining" })),
    ];
    const current = await windows.current(at);
    const inOrder = inService.length <= probesAtOnceMax ? inService : await longestUnseenFirst(watches, inService);
    let skipped = 0;
    await inParallel(inOrder, probesAtOnceMax, async (instance) => {
      if (clock().getTime() - begin.getTime() > roundMilliseconds) {
        skipped += 1;
        return;
      }
      await lookAt(instance, at, current).catch((error: unknown) => {
        log.error("an instance could not be watched", { instanceId: instance.id, error: String(error) });
      });
    });
    if (skipped > 0) log.warn("a round ran out of time", { skipped });
    await closeForsaken(new Set(inService.map(({ id }) => id)), at);
  };
};
