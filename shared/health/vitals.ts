import { z } from "zod";
import { HealthState } from "./health-state.ts";

/** The newest samples of one source. Instants are ISO 8601 UTC. */
const SampleRun = z.object({
  at: z.string().nullable(),
  /** Bad samples in a row, and when they began; good ones in a row. One of both is 0. */
  failures: z.int().nonnegative(),
  failingSince: z.string().nullable(),
  successes: z.int().nonnegative(),
  /** Failing until enough good samples have come. */
  isDown: z.boolean(),
  isDegraded: z.boolean(),
  /** Why the newest sample, or the failure that is not yet recovered from, was not good. */
  cause: z.string().nullable(),
});
export type SampleRun = z.infer<typeof SampleRun>;

/** What the rules remember of one instance. */
export const Vitals = z.object({
  state: HealthState,
  since: z.string(),
  cause: z.string().nullable(),
  /** The last report or answered probe. */
  lastSignAt: z.string().nullable(),
  /** Silence is not counted from before this instant: nobody was listening. */
  countFrom: z.string(),
  /** When the watcher last looked. */
  watchedAt: z.string(),
  /** It has been seen well at least once; until then nothing is claimed. */
  wasWell: z.boolean(),
  /** It was offline and has not yet recovered. */
  wasOffline: z.boolean(),
  probe: SampleRun,
  report: SampleRun,
  /** When samples last changed between good and bad, oldest first. */
  flips: z.array(z.string()),
  isFlapping: z.boolean(),
});
export type Vitals = z.infer<typeof Vitals>;

const freshRun: SampleRun = {
  at: null,
  failures: 0,
  failingSince: null,
  successes: 0,
  isDown: false,
  isDegraded: false,
  cause: null,
};

/** An instance that nothing is known of, looked at for the first time. */
export const freshVitals = (nowIso: string): Vitals => ({
  state: "unknown",
  since: nowIso,
  cause: null,
  lastSignAt: null,
  countFrom: nowIso,
  watchedAt: nowIso,
  wasWell: false,
  wasOffline: false,
  probe: freshRun,
  report: freshRun,
  flips: [],
  isFlapping: false,
});

/** Forgets what a source said, but not when. */
export const forgottenRun = (run: SampleRun): SampleRun => ({ ...freshRun, at: run.at });
