import type { RunStatus, Verdict } from "../api/run-shapes.ts";
import type { StateWords } from "../views/state-badge.ts";

const ofStatus: Readonly<Record<RunStatus, StateWords>> = {
  running: { words: "Under way", mark: "moving", tone: "" },
  passed: { words: "Passed", mark: "running", tone: "good" },
  failed: { words: "Failed", mark: "failed", tone: "bad" },
  cancelled: { words: "Cancelled", mark: "stopped", tone: "warn" },
  interrupted: { words: "Interrupted", mark: "unhealthy", tone: "warn" },
};

export const runWords = (status: RunStatus): StateWords => ofStatus[status];

const ofVerdict: Readonly<Record<Verdict, StateWords>> = {
  open: { words: "Open", mark: "waiting", tone: "" },
  passed: { words: "Passed", mark: "running", tone: "good" },
  failed: { words: "Failed", mark: "failed", tone: "bad" },
  "not-probed": { words: "Not decided", mark: "absent", tone: "warn" },
};

export const verdictWords = (verdict: Verdict): StateWords => ofVerdict[verdict];
