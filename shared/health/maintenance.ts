import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { DocumentStore } from "../documents/document-store.ts";
import type { MaintenanceWindowView } from "./fleet-view.ts";
import { healthContainer } from "./health-container.ts";
import type { WatchedInstances } from "./ports.ts";

/** A time in which nobody is alarmed about an instance. Instants are ISO 8601 UTC. */
const MaintenanceWindow = z.object({
  id: z.string(),
  instanceId: z.string(),
  kind: z.literal("maintenance"),
  from: z.string(),
  until: z.string(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  sortKey: z.string(),
  expiresAt: z.string(),
});
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

export interface MaintenanceStore {
  create(window: MaintenanceWindow): Promise<void>;
  /** Windows that are not over, by their end; 500 at most. */
  current(nowIso: string): Promise<readonly MaintenanceWindow[]>;
  /** False: there is no such window. */
  remove(id: string): Promise<boolean>;
}

const windowsMax = 500;

export const openMaintenanceStore = (store: DocumentStore): MaintenanceStore => {
  const windows = store.container(healthContainer, (raw) => MaintenanceWindow.parse(raw));
  return {
    create: async (window) => {
      await windows.create(window);
    },
    async current(nowIso) {
      const found = await windows.query({
        equal: { kind: "maintenance" },
        range: { until: { greaterThan: nowIso } },
        orderBy: { member: "until", direction: "ascending" },
        limit: windowsMax,
      });
      return found.map(({ value }) => value);
    },
    async remove(id) {
      const [found] = await windows.query({ equal: { kind: "maintenance", id }, limit: 1 });
      if (found === undefined) return false;
      await windows.delete(found.value.instanceId, id, found.etag);
      return true;
    },
  };
};

/** The maintenance an instance is in: from the begin of its first window that is under way to the end of the last. */
export const maintenanceNow = (
  windows: readonly MaintenanceWindow[],
  instanceId: string,
  nowIso: string,
): { readonly from: string; readonly until: string } | undefined => {
  const own = windows.filter(
    (window) => window.instanceId === instanceId && window.from <= nowIso && nowIso < window.until,
  );
  const from = own.map((window) => window.from).toSorted()[0];
  const until = own
    .map((window) => window.until)
    .toSorted()
    .at(-1);
  return from === undefined || until === undefined ? undefined : { from, until };
};

/** The end of the maintenance an instance is in, or undefined. */
export const maintenanceUntil = (
  windows: readonly MaintenanceWindow[],
  instanceId: string,
  nowIso: string,
): string | undefined => maintenanceNow(windows, instanceId, nowIso)?.until;

export const maintenanceView = ({ id, instanceId, from, until, reason }: MaintenanceWindow): MaintenanceWindowView => ({
  id,
  instanceId,
  from,
  until,
  reason,
});

const dayMilliseconds = 24 * 60 * 60_000;
const lengthMinMilliseconds = 60_000;
const lengthMaxMilliseconds = 30 * dayMilliseconds;
const aheadMaxMilliseconds = 366 * dayMilliseconds;
const keptMilliseconds = 31 * dayMilliseconds;

/** What is wrong with the times of a window and what to do, or undefined. */
const wrongTimes = (begin: number, end: number, now: number): string | undefined => {
  if (end <= now || end <= begin) return "until: must be ahead, and after from.";
  if (begin - now > aheadMaxMilliseconds) return "from: a window begins within a year. Plan it later.";
  if (end - begin < lengthMinMilliseconds) return "until: a window is 1 minute long at least.";
  if (end - begin > lengthMaxMilliseconds) return "until: a window is 30 days long at most. Plan several.";
  return undefined;
};

interface PlanMaintenanceDeps {
  readonly windows: MaintenanceStore;
  readonly instances: Pick<WatchedInstances, "find">;
  readonly clock: Clock;
  readonly newId: NewId;
}

export type PlanMaintenance = (command: {
  readonly instanceId: string;
  /** Now, unless given. */
  readonly from?: string | undefined;
  readonly until: string;
  readonly reason: string;
  readonly by: string;
}) => Promise<MaintenanceWindow>;

/** @throws DomainError `not-found` (no such instance), `invalid-input` (over, backwards, too short or long, too far ahead), `conflict` */
export const makePlanMaintenance =
  ({ windows, instances, clock, newId }: PlanMaintenanceDeps): PlanMaintenance =>
  async ({ instanceId, from, until, reason, by }) => {
    const now = clock().toISOString();
    const begin = from ?? now;
    const wrong = wrongTimes(Date.parse(begin), Date.parse(until), Date.parse(now));
    if (wrong !== undefined) throw new DomainError("invalid-input", wrong);
    if ((await instances.find(instanceId)) === undefined) {
      throw new DomainError("not-found", "There is no instance with this id.");
    }
    if ((await windows.current(now)).length >= windowsMax) {
      throw new DomainError("conflict", "There are too many maintenance windows already.");
    }
    const id = newId();
    const window: MaintenanceWindow = {
      id,
      instanceId,
      kind: "maintenance",
      from: begin,
      until,
      reason,
      createdBy: by,
      createdAt: now,
      sortKey: `${begin}/${id}`,
      expiresAt: new Date(Date.parse(until) + keptMilliseconds).toISOString(),
    };
    await windows.create(window);
    return window;
  };
