import type { HealthState } from "./health-state.ts";
import type { HealthThresholds } from "./health-thresholds.ts";
import { healthThresholds } from "./health-thresholds.ts";
import { forgottenRun } from "./vitals.ts";
import type { SampleRun, Vitals } from "./vitals.ts";

/** One look at an instance, or one word from it. */
export interface Sample {
  readonly source: "probe" | "report";
  /** When it was taken, by our clock (ISO 8601 UTC). */
  readonly at: string;
  readonly verdict: "good" | "degraded" | "bad";
  /** Whether anything was heard at all; a wrong answer is a sign of life too. */
  readonly isSignOfLife: boolean;
  /** What was not good, in words. */
  readonly cause: string | null;
}

const since = (iso: string, now: string): number => Date.parse(now) - Date.parse(iso);

const laterOf = (one: string | null, other: string): string => (one !== null && one > other ? one : other);

const goodRun = (run: SampleRun, sample: Sample, thresholds: HealthThresholds): SampleRun => {
  const successes = run.successes + 1;
  const isDown = run.isDown && successes < thresholds.successesToRecover;
  return {
    at: sample.at,
    failures: 0,
    failingSince: null,
    successes,
    isDown,
    isDegraded: sample.verdict === "degraded",
    cause: isDown ? run.cause : sample.cause,
  };
};

const badRun = (run: SampleRun, sample: Sample, lastSignAt: string | null, needed: number): SampleRun => {
  const failures = run.failures + 1;
  const failingSince = run.failingSince ?? sample.at;
  // Silence alone is for the rule of silence; it is a failure of answering only if the instance was heard meanwhile.
  const isHeard = sample.isSignOfLife || (lastSignAt !== null && lastSignAt > failingSince);
  return {
    at: sample.at,
    failures,
    failingSince,
    successes: 0,
    isDown: run.isDown || (failures >= needed && isHeard),
    isDegraded: run.isDegraded,
    cause: sample.cause,
  };
};

const flipsAfter = (vitals: Vitals, sample: Sample, thresholds: HealthThresholds): string[] => {
  const run = vitals[sample.source];
  const wasBad = run.failures > 0;
  const isFlip = run.failures + run.successes > 0 && wasBad !== (sample.verdict === "bad");
  return isFlip ? [...vitals.flips, sample.at].slice(-thresholds.flipsKept) : vitals.flips;
};

type Silence = "none" | "stale" | "offline";

const silenceOf = (vitals: Vitals, now: string, thresholds: HealthThresholds): Silence => {
  const { state, lastSignAt, countFrom } = vitals;
  // After an absence of the watcher, a silence that was known before it goes on until something is heard.
  const isUnbroken = lastSignAt === null || lastSignAt <= vitals.since;
  const silent = since(laterOf(lastSignAt, countFrom), now);
  if (silent >= thresholds.offlineMilliseconds || (state === "offline" && isUnbroken)) return "offline";
  return silent >= thresholds.staleMilliseconds || (state === "stale" && isUnbroken) ? "stale" : "none";
};

const judged = (vitals: Vitals, silence: Silence, wasOffline: boolean): HealthState => {
  const { probe, report, isFlapping, wasWell } = vitals;
  if (silence !== "none") return silence;
  if (probe.isDown || report.isDown || wasOffline) return "failing";
  if (!wasWell) return "unknown";
  return isFlapping || probe.isDegraded || report.isDegraded ? "degraded" : "healthy";
};

const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

const causeOf = (state: HealthState, vitals: Vitals, thresholds: HealthThresholds): string | null => {
  const { probe, report, isFlapping } = vitals;
  const lastProbe = probe.cause === null ? "" : ` The last probe: ${probe.cause}`;
  switch (state) {
    case "unknown":
    case "healthy":
      return null;
    case "stale":
      return `Nothing has been heard for ${seconds(thresholds.staleMilliseconds)} seconds or more.${lastProbe}`;
    case "offline":
      return `Nothing has been heard for ${seconds(thresholds.offlineMilliseconds)} seconds or more.${lastProbe}`;
    case "failing": {
      const causes = [probe, report].filter(({ isDown }) => isDown).map(({ cause }) => cause);
      return causes.find((cause) => cause !== null) ?? "It was offline and has not yet answered well twice in a row.";
    }
    case "degraded":
      return isFlapping ? "It keeps changing between good and bad." : (probe.cause ?? report.cause);
  }
};

/** What follows from the passing of time: silence, the end of flapping, words too old to count. */
export const judge = (before: Vitals, now: string, thresholds: HealthThresholds = healthThresholds): Vitals => {
  const isReportOld = before.report.at !== null && since(before.report.at, now) >= thresholds.offlineMilliseconds;
  const report = isReportOld ? forgottenRun(before.report) : before.report;
  const flips = before.flips.filter((at) => since(at, now) < thresholds.flapWindowMilliseconds);
  const isFlapping = flips.length >= thresholds.flipsToFlap;
  const vitals: Vitals = { ...before, report, flips, isFlapping };
  const silence = silenceOf(vitals, now, thresholds);
  const recovered = before.probe.successes + report.successes >= thresholds.successesToRecover;
  const wasOffline = silence === "offline" || (before.wasOffline && !recovered);
  const state = judged(vitals, silence, wasOffline);
  return {
    ...vitals,
    // Whoever falls silent starts anew: answers of before the silence do not count towards recovering from it.
    ...(silence === "offline" ? { probe: { ...before.probe, successes: 0 }, report: forgottenRun(report) } : {}),
    wasOffline,
    state,
    since: state === before.state ? before.since : now,
    cause: causeOf(state, vitals, thresholds),
  };
};

/** The state after one more sample. A sample that is not newer than the last one of its source changes nothing. */
export const afterSample = (
  before: Vitals,
  sample: Sample,
  thresholds: HealthThresholds = healthThresholds,
): Vitals => {
  const run = before[sample.source];
  if (run.at !== null && sample.at <= run.at) return before;
  const lastSignAt = sample.isSignOfLife ? laterOf(before.lastSignAt, sample.at) : before.lastSignAt;
  const next =
    sample.verdict === "bad"
      ? badRun(run, sample, lastSignAt, thresholds.failuresToFail)
      : goodRun(run, sample, thresholds);
  const flips = flipsAfter(before, sample, thresholds);
  const wasWell = before.wasWell || sample.verdict !== "bad";
  return judge({ ...before, [sample.source]: next, lastSignAt, flips, wasWell }, sample.at, thresholds);
};

/**
 * The watcher looks, whatever it then sees. After an absence of its own (the control plane was down) silence counts from
 * now, and failures of before are not continued: nobody knows what was in between.
 */
export const afterLook = (before: Vitals, now: string, thresholds: HealthThresholds = healthThresholds): Vitals => {
  if (now <= before.watchedAt) return before;
  if (since(before.watchedAt, now) < thresholds.absenceMilliseconds) return { ...before, watchedAt: now };
  return {
    ...before,
    watchedAt: now,
    countFrom: now,
    probe: { ...before.probe, failures: 0, failingSince: null },
  };
};

/** Whether this is worth an incident. */
export const isTrouble = (state: HealthState): boolean => state === "failing" || state === "offline";
