import type { Assertion } from "../topology/topology.ts";
import type { AssertionReport, ProbeResult, Verdict } from "./run.ts";
import { probeText, secondsText } from "./words.ts";

interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
}

const times = (count: number): string => (count === 1 ? "one probe" : `${count} probes`);

/** What is certain before the window is over; undefined: it may still come out either way. */
const certainOf = (expect: Assertion["expect"], probes: readonly ProbeResult[]): Judged | undefined => {
  const wanted = expect !== "always";
  const telling = probes.find(({ isReached }) => isReached === wanted);
  if (telling === undefined) return undefined;
  const at = secondsText(telling.atSeconds);
  if (expect === "eventually") return { verdict: "passed", reason: `Reached at ${at} (${telling.detail}).` };
  if (expect === "never") {
    return { verdict: "failed", reason: `Reached at ${at} (${telling.detail}), though never was expected.` };
  }
  return { verdict: "failed", reason: `Not reached at ${at} (${telling.detail}), though always was expected.` };
};

const afterwards = (expect: Assertion["expect"], probes: readonly ProbeResult[]): Judged => {
  const count = times(probes.length);
  if (expect === "always") return { verdict: "passed", reason: `Reached by ${count}, as expected.` };
  if (expect === "never") return { verdict: "passed", reason: `Not reached by ${count}, as expected.` };
  const last = probes.at(-1)?.detail ?? "";
  return { verdict: "failed", reason: `Not reached by ${count}, the last one: ${last}.` };
};

const nothing = { verdict: "not-probed", reason: "Nothing was probed." } as const;

const missedText = ({ missed, probes }: AssertionReport): string => {
  if (missed === 0) return "";
  const count = probes.length === 0 ? times(missed) : missed === 1 ? "one more" : `${missed} more`;
  return ` The host could not make ${count}.`;
};

const judged = (assertion: AssertionReport, { verdict, reason }: Judged): AssertionReport => ({
  ...{ ...assertion, verdict, reason: `${reason}${missedText(assertion)}` },
});

/** What can be said while more may be seen. */
export const withVerdictSoFar = (assertion: AssertionReport): AssertionReport => {
  const { expect, probes } = assertion;
  const reached = expect === "always" ? "Reached" : "Not reached";
  const soFar = probes.length === 0 ? "Nothing was probed yet." : `${reached} by ${times(probes.length)} so far.`;
  return judged(assertion, certainOf(expect, probes) ?? { verdict: "open", reason: soFar });
};

/** What came of it: its time is over, and no probes will follow. */
export const withClosingVerdict = (assertion: AssertionReport): AssertionReport => {
  const { expect, probes } = assertion;
  if (probes.length === 0) return judged(assertion, nothing);
  return judged(assertion, certainOf(expect, probes) ?? afterwards(expect, probes));
};

/** The same for one whose run ended so many seconds after its start, maybe before the time of this. */
export const withFinalVerdict = (assertion: AssertionReport, endedAtSeconds: number): AssertionReport => {
  const { expect, probes, untilSeconds, verdict } = assertion;
  const isEarly = verdict === "open" && probes.length > 0 && endedAtSeconds < untilSeconds;
  if (!isEarly) return withClosingVerdict(assertion);
  const reason = `The run was over at ${secondsText(endedAtSeconds)}, before the time of this was.`;
  return judged(assertion, certainOf(expect, probes) ?? { verdict: "not-probed", reason });
};

/** An assertion of a run that has not begun. */
export const openAssertion = (assertion: Assertion): AssertionReport =>
  withVerdictSoFar({
    name: assertion.name,
    what: probeText(assertion),
    expect: assertion.expect,
    fromSeconds: assertion.fromSeconds,
    untilSeconds: assertion.untilSeconds,
    verdict: "open",
    reason: "",
    probes: [],
    missed: 0,
  });
