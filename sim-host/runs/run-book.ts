import type { Records } from "../simulations/records.ts";
import type { RunStore } from "./ports.ts";
import type { AssertionReport, FaultReport, ProbeResult, Run, Verdict } from "./run.ts";
import { summaryOf } from "./run.ts";
import { withClosingVerdict, withFinalVerdict, withVerdictSoFar } from "./verdicts.ts";
import { secondsText } from "./words.ts";

/** Why a run ended before its time. */
export interface EarlyEnd {
  readonly status: "cancelled" | "interrupted" | "failed";
  readonly reason: string;
}

/** The report of a run under way: what is written into it is kept and told when it matters. */
export interface RunBook {
  current(): Run;
  /** Tells that it has begun. */
  open(): void;
  noteFault(index: number, fault: Pick<FaultReport, "happenedAtSeconds" | "outcome" | "reason">): void;
  /** Undefined: the host could not make the probe. */
  noteProbe(index: number, probe: ProbeResult | undefined): void;
  /** The time of an assertion is over, and all its probes have been noted: its verdict can be said. */
  closeAssertion(index: number): void;
  note(more: Partial<Pick<Run, "startedAt" | "counters" | "captures">>): void;
  /** The last verdicts, and the end. Without `early` it came to its own end. */
  close(ended: { readonly at: string; readonly seconds: number; readonly early?: EarlyEnd }): void;
}

interface Deps {
  readonly runs: RunStore;
  readonly records: Records;
}

const replaced = <T>(items: readonly T[], index: number, change: (item: T) => T): readonly T[] =>
  items.map((item, at) => (at === index ? change(item) : item));

/** Slow answers come after those to later questions. Nearly always the newest one is the last. */
const inOrderOfTime = (probes: readonly ProbeResult[], added: ProbeResult): readonly ProbeResult[] => {
  const place = probes.findLastIndex(({ atSeconds }) => atSeconds <= added.atSeconds) + 1;
  return probes.toSpliced(place, 0, added);
};

/** A run passes when everything that was to happen did, and everything that was expected was seen. */
const outcomeOf = ({ faults, assertions }: Run): Pick<Run, "status" | "reason"> => {
  const failures = assertions.filter(({ verdict }) => verdict !== "passed").map(({ name }) => name);
  const missing = faults.filter(({ outcome }) => outcome === "failed" || outcome === "planned");
  if (missing.length > 0) return { status: "failed", reason: `Not everything happened: ${missing[0]?.what ?? ""}.` };
  if (failures.length === 0) return { status: "passed", reason: "Everything was as expected." };
  return { status: "failed", reason: `Not as expected: ${failures.join(", ")}.` };
};

const verdictWords = {
  ...{ open: "open", passed: "passed", failed: "failed", "not-probed": "not decided" },
} as const satisfies Record<Verdict, string>;

const endWords = {
  ...{ running: "goes on", passed: "passed", failed: "failed" },
  ...{ cancelled: "was cancelled", interrupted: "was interrupted" },
} as const satisfies Record<Run["status"], string>;

const skipped = (fault: FaultReport): FaultReport =>
  fault.outcome === "planned" ? { ...fault, outcome: "skipped" } : fault;

const faultEventText = ({ what, isUndoing, outcome, reason }: FaultReport): string => {
  if (outcome === "failed") return `${what} did not happen: ${reason ?? "unknown"}`;
  return isUndoing ? `${what} is over` : what;
};

export const makeRunBook = (first: Run, { runs, records }: Deps): RunBook => {
  let run = first;
  const { tenantId, simulationId, id } = first;
  const keep = (): void => runs.forTenant(tenantId).replace(run);
  const tell = (kind: "run" | "fault" | "assertion", data: Readonly<Record<string, unknown>>, text: string): void =>
    records.tell(tenantId, simulationId, { kind, data: { run: id, ...data }, text });
  const tellVerdict = ({ name, verdict, reason }: AssertionReport): void =>
    tell("assertion", { name, verdict, reason }, `${name}: ${verdictWords[verdict]}. ${reason}`);
  const changeAssertion = (index: number, change: (assertion: AssertionReport) => AssertionReport): void => {
    const before = run.assertions[index];
    run = { ...run, assertions: replaced(run.assertions, index, change) };
    const after = run.assertions[index];
    if (before === undefined || after === undefined || before.verdict === after.verdict) return;
    keep();
    tellVerdict(after);
  };
  return {
    current: () => run,
    open: () => tell("run", { status: "running" }, `A run of ${secondsText(run.durationSeconds)} begins`),
    noteFault(index, fault) {
      run = { ...run, faults: replaced(run.faults, index, (before) => ({ ...before, ...fault })) };
      keep();
      const after = run.faults[index];
      if (after !== undefined) tell("fault", { ...after }, faultEventText(after));
    },
    noteProbe(index, probe) {
      changeAssertion(index, (before) => {
        if (probe === undefined) return withVerdictSoFar({ ...before, missed: before.missed + 1 });
        return withVerdictSoFar({ ...before, probes: inOrderOfTime(before.probes, probe) });
      });
    },
    closeAssertion(index) {
      changeAssertion(index, withClosingVerdict);
    },
    note(more) {
      run = { ...run, ...more };
      keep();
    },
    close({ at, seconds, early }) {
      const wereOpen = run.assertions.map(({ verdict }) => verdict === "open");
      const assertions = run.assertions.map((assertion) => withFinalVerdict(assertion, seconds));
      run = { ...run, assertions, endedAt: at };
      run = { ...run, ...(early ?? outcomeOf(run)), faults: run.faults.map(skipped) };
      keep();
      for (const [index, assertion] of run.assertions.entries()) if (wereOpen[index] === true) tellVerdict(assertion);
      tell("run", { ...summaryOf(run) }, `The run ${endWords[run.status]}. ${run.reason ?? ""}`);
    },
  };
};
