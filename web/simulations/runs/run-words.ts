import type { AssertionReport, RunStatus } from "../api/run-shapes.ts";
import type { StateWords } from "../views/state-badge.ts";

const ofStatus: Readonly<Record<RunStatus, StateWords>> = {
  running: { words: "Under way", mark: "moving", tone: "" },
  passed: { words: "Passed", mark: "running", tone: "good" },
  failed: { words: "Failed", mark: "failed", tone: "bad" },
  cancelled: { words: "Cancelled", mark: "stopped", tone: "warn" },
  interrupted: { words: "Interrupted", mark: "unhealthy", tone: "warn" },
};

export const runWords = (status: RunStatus): StateWords => ofStatus[status];

/** What came of an assertion; while its run is under way, what nothing was seen of yet is open. */
export const verdictWords = (verdict: AssertionReport["verdict"], isUnderWay: boolean): StateWords => {
  if (verdict === "passed") return { words: "Passed", mark: "running", tone: "good" };
  if (verdict === "failed") return { words: "Failed", mark: "failed", tone: "bad" };
  return isUnderWay
    ? { words: "Open", mark: "waiting", tone: "" }
    : { words: "Not decided", mark: "absent", tone: "warn" };
};
