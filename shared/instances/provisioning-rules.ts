import type { PlannedChange } from "./ports.ts";

/** Bounds and decisions of work on an instance; all pure, so that replays decide the same. */
export type WorkStep = "check" | "deploy" | "await" | "prepare" | "activate" | "remove";

/**
 * Seconds after which a step that has not succeeded is given up. Their sum is the overall deadline, which the
 * operation's `deadlineAt` enforces besides. `remove` is not given up: after it the reconciler starts the workflow anew.
 */
export const stepDeadlineSeconds = {
  check: 4 * 60,
  deploy: 4 * 60,
  await: 15 * 60,
  prepare: 5 * 60,
  activate: 2 * 60,
  remove: 15 * 60,
} as const satisfies Record<WorkStep, number>;

/** What an activity says of its step. Plain JSON; reasons hold no secrets. */
export type StepOutcome =
  | { readonly state: "done" }
  /** Not there yet: look again. */
  | { readonly state: "waiting"; readonly retryAfterSeconds: number; readonly reason?: string }
  /** Somebody does not answer, is busy or broken: try again, ever more slowly. */
  | { readonly state: "unavailable"; readonly retryAfterSeconds?: number; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string }
  /** The operator wants it to stop, or what was done is being undone already. */
  | { readonly state: "stopped"; readonly reason: string }
  /** The instance is none of this operation's business any more. */
  | { readonly state: "superseded" };

/** Where the workflow is within a step. */
export interface StepProgress {
  readonly elapsedSeconds: number;
  /** Answers `waiting` so far. */
  readonly waits: number;
  /** Answers `unavailable` in a row. */
  readonly troubles: number;
}

export type NextMove =
  | { readonly do: "go-on" }
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "undo"; readonly reason: string }
  | { readonly do: "leave" };

const pollSecondsMin = 1;
const pollSecondsMax = 30;
const quickPolls = 30;
const slowPollSeconds = 5;
const troubleSecondsMax = 60;

/** Seconds until the far side is looked at again: its wish within our bounds, less often when it takes long. */
export const pollDelaySeconds = (retryAfterSeconds: number, waits: number): number => {
  const least = waits < quickPolls ? pollSecondsMin : slowPollSeconds;
  return Math.min(pollSecondsMax, Math.max(least, retryAfterSeconds));
};

/** Seconds until something that is in trouble is tried again: doubled each time, at least what it asks for. */
export const troubleDelaySeconds = (retryAfterSeconds: number | undefined, troubles: number): number => {
  const backoff = Math.min(troubleSecondsMax, 2 ** Math.min(troubles, 10));
  return Math.max(backoff, Math.min(retryAfterSeconds ?? 0, 2 * troubleSecondsMax));
};

const nextWait = (outcome: StepOutcome & { state: "waiting" | "unavailable" }, progress: StepProgress): number =>
  outcome.state === "waiting"
    ? pollDelaySeconds(outcome.retryAfterSeconds, progress.waits)
    : troubleDelaySeconds(outcome.retryAfterSeconds, progress.troubles + 1);

/** What follows an answer. The wait never reaches beyond the step's deadline, so that a step ends in time. */
export const afterStep = (step: WorkStep, outcome: StepOutcome, progress: StepProgress): NextMove => {
  switch (outcome.state) {
    case "done":
      return { do: "go-on" };
    case "superseded":
      return { do: "leave" };
    case "failed":
    case "stopped":
      return { do: "undo", reason: outcome.reason };
    case "waiting":
    case "unavailable": {
      const left = stepDeadlineSeconds[step] - progress.elapsedSeconds;
      if (left > 0) return { do: "wait", seconds: Math.max(1, Math.min(left, nextWait(outcome, progress))) };
      const minutes = stepDeadlineSeconds[step] / 60;
      const last = outcome.reason === undefined ? "" : ` Last answer: ${outcome.reason}`;
      return { do: "undo", reason: `The step ${step} did not succeed within ${minutes} minutes.${last}` };
    }
  }
};

/** Progress after an answer that was not the last one. */
export const afterAnswer = (progress: StepProgress, outcome: StepOutcome, elapsedSeconds: number): StepProgress => ({
  elapsedSeconds,
  waits: progress.waits + (outcome.state === "waiting" ? 1 : 0),
  troubles: outcome.state === "unavailable" ? progress.troubles + 1 : 0,
});

const namedMax = 5;

const nameList = (changes: readonly PlannedChange[]): string => {
  const names = changes.slice(0, namedMax).map(({ resourceId }) => resourceId.split("/").slice(-2).join("/"));
  return names.join(", ") + (changes.length > namedMax ? ` and ${changes.length - namedMax} more` : "");
};

/** Why a deployment must not be made: it would delete something, or change what is not this instance's. */
export const planRefusal = (changes: readonly PlannedChange[]): string | undefined => {
  const deleted = changes.filter(({ kind }) => kind === "delete");
  if (deleted.length > 0) return `The deployment would delete ${nameList(deleted)}.`;
  const foreign = changes.filter(({ kind, isOurs }) => kind === "modify" && !isOurs);
  return foreign.length > 0
    ? `The deployment would change what is not the instance's: ${nameList(foreign)}.`
    : undefined;
};

/** The plan in one sentence, for people. */
export const planSummary = (changes: readonly PlannedChange[]): string => {
  const parts = (["create", "modify", "delete", "unknown"] as const).flatMap((kind) => {
    const some = changes.filter((change) => change.kind === kind);
    return some.length === 0
      ? []
      : [`${some.length} to ${kind === "unknown" ? "judge only when deployed" : kind}: ${nameList(some)}`];
  });
  return parts.length === 0 ? "Nothing to change." : `${parts.join("; ")}.`;
};

const reasonLengthMax = 500;

/** A reason fit to be shown: without the secrets, on one line, not long. */
export const presentableReason = (reason: string, secrets: readonly string[]): string => {
  const clean = secrets.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "***")), reason);
  const line = clean.replaceAll(/\s+/g, " ").trim();
  return line.length > reasonLengthMax ? `${line.slice(0, reasonLengthMax - 1)}…` : line;
};
