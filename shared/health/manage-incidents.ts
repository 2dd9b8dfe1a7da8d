import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { Incident } from "./incident.ts";
import { resolvedNow } from "./incident.ts";
import type { MaintenanceStore } from "./maintenance.ts";
import { maintenanceUntil } from "./maintenance.ts";
import type { SettleWatch } from "./settle-watch.ts";
import type { WatchStore } from "./watch-store.ts";

interface Deps {
  readonly incidents: Pick<IncidentStore, "find" | "change">;
  readonly watches: Pick<WatchStore, "change">;
  readonly windows: Pick<MaintenanceStore, "current">;
  readonly settle: SettleWatch;
  readonly clock: Clock;
}

/** @throws DomainError `not-found`, and `conflict` for what can no longer be done */
export type ChangeIncident = (id: string, by: string) => Promise<Incident>;

const notFound = (): DomainError => new DomainError("not-found", "There is no incident with this id.");

/** An operator is at it. A repetition keeps who was first. */
export const makeAcknowledgeIncident =
  ({ incidents, clock }: Deps): ChangeIncident =>
  async (id, by) => {
    const changed = await incidents.change(id, (incident) => {
      if (incident.state === "resolved") throw new DomainError("conflict", "The incident is resolved already.");
      if (incident.state === "acknowledged") return undefined;
      const acknowledgedAt = clock().toISOString();
      return { ...incident, state: "acknowledged", acknowledgedAt, acknowledgedBy: by };
    });
    if (changed === undefined) throw notFound();
    return changed;
  };

/**
 * An operator declares it over. If the instance is still in trouble, nothing new is opened until it has been well. The
 * instance's watch decides, as for every incident; the document follows.
 */
export const makeResolveIncident =
  ({ incidents, watches, windows, settle, clock }: Deps): ChangeIncident =>
  async (id, by) => {
    const incident = await incidents.find(id);
    if (incident === undefined) throw notFound();
    if (incident.state === "resolved") return incident;
    const now = clock().toISOString();
    const watch = await watches.change(incident.instanceId, now, (current) =>
      current.incident?.id === id && current.incident.resolvedAt === null
        ? { ...current, incident: resolvedNow(current.incident, now, by, current.vitals.state) }
        : current,
    );
    await settle(watch, maintenanceUntil(await windows.current(now), incident.instanceId, now));
    return (await incidents.find(id)) ?? incident;
  };
