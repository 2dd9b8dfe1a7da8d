import { z } from "zod";
import { afterLook, afterSample, judge } from "./health-rules.ts";
import type { Sample } from "./health-rules.ts";
import { healthThresholds } from "./health-thresholds.ts";
import { emptyHistory, OpenHistory, recordFinding } from "./history.ts";
import { CurrentIncident, nextIncident } from "./incident.ts";
import { KeptReport, sampleOf } from "./report.ts";
import type { HealthReport } from "./report.ts";
import { freshVitals, Vitals } from "./vitals.ts";

/** The one document per instance that rounds and reports change: what is known of its health now. */
export const Watch = z.object({
  id: z.literal("watch"),
  instanceId: z.string(),
  kind: z.literal("watch"),
  sortKey: z.string(),
  vitals: Vitals,
  report: KeptReport.nullable(),
  probedAt: z.string().nullable(),
  version: z.string().nullable(),
  history: OpenHistory,
  incident: CurrentIncident.nullable(),
  incidentCount: z.int().nonnegative(),
  /** Moved on by every round: what is left of a retired instance goes by itself. */
  expiresAt: z.string(),
});
export type Watch = z.infer<typeof Watch>;

const keptMilliseconds = 32 * 24 * 60 * 60_000;
const expiryAfter = (now: string): string => new Date(Date.parse(now) + keptMilliseconds).toISOString();

export const newWatch = (instanceId: string, now: string): Watch => ({
  id: "watch",
  instanceId,
  kind: "watch",
  sortKey: instanceId,
  vitals: freshVitals(now),
  report: null,
  probedAt: null,
  version: null,
  history: emptyHistory,
  incident: null,
  incidentCount: 0,
  expiresAt: expiryAfter(now),
});

/** What a round found at one instance. */
export interface Look {
  /** The round's beginning (ISO 8601 UTC). */
  readonly at: string;
  /** Undefined for an instance that cannot be probed. */
  readonly sample: Sample | undefined;
  readonly latencyMilliseconds: number | null;
  readonly version: string | null;
  readonly isInMaintenance: boolean;
}

/** Another round looked at the same time or later, so this one's look adds nothing. */
const isOvertaken = (watch: Watch, { at }: Look): boolean =>
  watch.probedAt !== null && Date.parse(at) - Date.parse(watch.probedAt) < healthThresholds.probeSpacingMilliseconds;

/** The document after a round. The same watch: nothing is to be written. */
export const afterRound = (watch: Watch, look: Look): Watch => {
  if (isOvertaken(watch, look)) return watch;
  const { at, sample, latencyMilliseconds, isInMaintenance } = look;
  const looked = afterLook(watch.vitals, at);
  const vitals = sample === undefined ? judge(looked, at) : afterSample(looked, sample);
  const newId = `${watch.instanceId}.${watch.incidentCount + 1}`;
  // Whoever applies a round has recorded what an earlier round decided.
  const recorded = watch.incident === null ? null : { ...watch.incident, isRecorded: true };
  const incident = nextIncident(recorded, vitals, at, { newId, isInMaintenance });
  return {
    ...watch,
    vitals,
    probedAt: at,
    version: look.version ?? watch.version,
    history: recordFinding(
      { ...watch.history, closed: [] },
      { at, state: isInMaintenance ? "maintenance" : vitals.state, latencyMilliseconds },
    ),
    incident,
    incidentCount: incident?.id === newId ? watch.incidentCount + 1 : watch.incidentCount,
    expiresAt: expiryAfter(at),
  };
};

/** The document after a report. The same watch: the report is a repetition, or older than one that is known. */
export const afterReport = (watch: Watch, report: HealthReport, receivedAt: string): Watch => {
  if (watch.report !== null && report.timestamp <= watch.report.timestamp) return watch;
  const { instanceId: _, ...kept } = report;
  const sample = sampleOf(report, receivedAt);
  return {
    ...watch,
    vitals: sample === undefined ? watch.vitals : afterSample(watch.vitals, sample),
    report: { ...kept, receivedAt },
    version: report.version ?? watch.version,
  };
};
