import { z } from "zod";
import type { IncidentView } from "./fleet-view.ts";
import { HealthState } from "./health-state.ts";
import { isTrouble } from "./health-rules.ts";
import { worstOf } from "./history.ts";
import type { Vitals } from "./vitals.ts";

/**
 * The newest incident of an instance, in its watch document: one replace under If-Match decides that it opens, so there
 * is never a second one. The incident's own document, and its alerts, follow from it.
 */
export const CurrentIncident = z.object({
  id: z.string(),
  health: HealthState,
  cause: z.string(),
  isFlapping: z.boolean(),
  openedAt: z.string(),
  resolvedAt: z.string().nullable(),
  /** The operator who resolved it; null while open and when it resolved itself. */
  resolvedBy: z.string().nullable(),
  /** Resolved by an operator in the midst of the trouble: nothing new is opened until the instance has been well. */
  awaitsRecovery: z.boolean(),
  /** Whether the incident's document says what this says. */
  isRecorded: z.boolean(),
});
export type CurrentIncident = z.infer<typeof CurrentIncident>;

const hasRecovered = ({ state, isFlapping }: Vitals): boolean =>
  (state === "healthy" || state === "degraded") && !isFlapping;

const withState = (open: CurrentIncident, vitals: Vitals, now: string): CurrentIncident => {
  const health = worstOf(open.health, vitals.state);
  const isFlapping = open.isFlapping || vitals.isFlapping;
  // The cause of the worst state is kept: "it answers again" explains nothing afterwards.
  const cause = health === open.health ? open.cause : (vitals.cause ?? open.cause);
  const resolvedAt = hasRecovered(vitals) ? now : null;
  const isSame = health === open.health && isFlapping === open.isFlapping && resolvedAt === null;
  return isSame ? open : { ...open, health, isFlapping, cause, resolvedAt, isRecorded: false };
};

/** The incident after what is known now. `newId` is used if one opens. */
export const nextIncident = (
  current: CurrentIncident | null,
  vitals: Vitals,
  now: string,
  { newId, isInMaintenance }: { readonly newId: string; readonly isInMaintenance: boolean },
): CurrentIncident | null => {
  if (current?.resolvedAt === null) return withState(current, vitals, now);
  const awaits = current?.awaitsRecovery === true;
  if (awaits && hasRecovered(vitals)) return { ...current, awaitsRecovery: false };
  if (awaits || isInMaintenance || !isTrouble(vitals.state)) return current;
  return {
    id: newId,
    health: vitals.state,
    cause: vitals.cause ?? "Unknown.",
    isFlapping: vitals.isFlapping,
    openedAt: now,
    resolvedAt: null,
    resolvedBy: null,
    awaitsRecovery: false,
    isRecorded: false,
  };
};

/** Resolves it now, for an operator or because the instance is gone. */
export const resolvedNow = (
  incident: CurrentIncident,
  now: string,
  by: string | null,
  state: HealthState,
): CurrentIncident => ({
  ...incident,
  resolvedAt: now,
  resolvedBy: by,
  awaitsRecovery: isTrouble(state) || state === "stale",
  isRecorded: false,
});

/** The incident document of container `health`. */
export const Incident = z.object({
  id: z.string(),
  instanceId: z.string(),
  kind: z.literal("incident"),
  state: z.enum(["open", "acknowledged", "resolved"]),
  health: HealthState,
  cause: z.string(),
  isFlapping: z.boolean(),
  openedAt: z.string(),
  acknowledgedAt: z.string().nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  sortKey: z.string(),
  /** Only once it is resolved: an open one is never swept away. */
  expiresAt: z.string().optional(),
});
export type Incident = z.infer<typeof Incident>;

const keptMilliseconds = 366 * 24 * 60 * 60_000;

/** The document as the watch document says it must be; who acknowledged it is the document's own. */
export const incidentDocument = (
  instanceId: string,
  current: CurrentIncident,
  existing: Incident | undefined,
): Incident => {
  const { id, health, cause, isFlapping, openedAt, resolvedAt, resolvedBy } = current;
  const acknowledgedAt = existing?.acknowledgedAt ?? null;
  const unresolved = acknowledgedAt === null ? "open" : "acknowledged";
  return {
    id,
    instanceId,
    kind: "incident",
    state: resolvedAt === null ? unresolved : "resolved",
    health,
    cause,
    isFlapping,
    openedAt,
    acknowledgedAt,
    acknowledgedBy: existing?.acknowledgedBy ?? null,
    resolvedAt,
    resolvedBy,
    sortKey: `${openedAt}/${id}`,
    ...(resolvedAt === null ? {} : { expiresAt: new Date(Date.parse(resolvedAt) + keptMilliseconds).toISOString() }),
  };
};

/** What operators see of an incident. */
export const incidentView = (incident: Incident): IncidentView => ({
  id: incident.id,
  instanceId: incident.instanceId,
  state: incident.state,
  health: incident.health,
  cause: incident.isFlapping ? `${incident.cause} It kept changing between good and bad.` : incident.cause,
  openedAt: incident.openedAt,
  acknowledgedAt: incident.acknowledgedAt,
  acknowledgedBy: incident.acknowledgedBy,
  resolvedAt: incident.resolvedAt,
});
