import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import type { Sample } from "./health-rules.ts";
import type { HealthThresholds } from "./health-thresholds.ts";
import { healthThresholds } from "./health-thresholds.ts";

const Percent = z.number().min(0).max(100);
const Outcome = z.enum(["ok", "failed"]);

/** The body of contract C8. Members we do not know are left out, so that instances may be newer than the control plane. */
export const HealthReport = z.object({
  instanceId: z.string().min(1).max(100),
  timestamp: z.iso.datetime({ precision: 3 }),
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  metrics: z.object({ cpuPercent: Percent, memoryPercent: Percent, tenantCount: z.int().nonnegative() }),
  version: z
    .string()
    .regex(/^[\w.+-]{1,64}$/)
    .optional(),
  checks: z.object({ database: Outcome, storage: Outcome, memory: Outcome }).partial().optional(),
});
export type HealthReport = z.infer<typeof HealthReport>;

/** The report as kept with the instance's health. */
export const KeptReport = HealthReport.omit({ instanceId: true }).extend({ receivedAt: z.string() });
export type KeptReport = z.infer<typeof KeptReport>;

/** @throws DomainError `forbidden` (another instance's), `invalid-input` (absurd) */
export const refuseAbsurd = (
  report: HealthReport,
  instance: { readonly id: string; readonly capacity: number },
  now: Date,
  thresholds: HealthThresholds = healthThresholds,
): void => {
  if (report.instanceId !== instance.id) {
    throw new DomainError("forbidden", "An instance reports for itself only: instanceId is not the one in the path.");
  }
  if (report.metrics.tenantCount > instance.capacity) {
    throw new DomainError("invalid-input", `metrics/tenantCount: an instance holds ${instance.capacity} at most.`);
  }
  const age = now.getTime() - Date.parse(report.timestamp);
  if (age > thresholds.reportAgeMaxMilliseconds || -age > thresholds.aheadMilliseconds) {
    throw new DomainError("invalid-input", "timestamp: too far from the present; set the instance's clock.");
  }
};

const causeOf = ({ status, checks = {} }: HealthReport): string | null => {
  if (status === "healthy") return null;
  const failed = Object.entries(checks).flatMap(([name, outcome]) => (outcome === "failed" ? [name] : []));
  return `It reports itself ${status}${failed.length === 0 ? "" : `: ${failed.join(", ")} failed`}.`;
};

/** What a report says about now; undefined if it comes too late for that. */
export const sampleOf = (
  report: HealthReport,
  receivedAt: string,
  thresholds: HealthThresholds = healthThresholds,
): Sample | undefined => {
  const verdicts = { healthy: "good", degraded: "degraded", unhealthy: "bad" } as const;
  if (Date.parse(receivedAt) - Date.parse(report.timestamp) > thresholds.lateMilliseconds) return undefined;
  return {
    source: "report",
    at: receivedAt,
    verdict: verdicts[report.status],
    isSignOfLife: true,
    cause: causeOf(report),
  };
};
