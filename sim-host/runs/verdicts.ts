import type { Assertion } from "../topology/topology.ts";
import type { AssertionReport, ProbeResult, Verdict } from "./run.ts";
import { probeText, secondsText } from "./words.ts";

interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
}

const times = (count: number): string => (count === 1 ? "one probe" : `${count} probes`);

/** What is certain before the window is over; undefined: it may still come out either way. */
export const verdictSoFar = (expect: Assertion["expect"], probes: readonly ProbeResult[]): Judged | undefined => {
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

const missedText = (missed: number): string =>
  missed === 0 ? "" : ` The host could not make ${missed === 1 ? "one more" : `${missed} more`}.`;

const judge = ({ expect, probes, untilSeconds }: AssertionReport, endedAtSeconds: number): Judged => {
  if (probes.length === 0) return { verdict: "not-probed", reason: "Nothing was probed." };
  const certain = verdictSoFar(expect, probes);
  if (certain !== undefined) return certain;
  if (untilSeconds <= endedAtSeconds) return afterwards(expect, probes);
  const reason = `The run was over at ${secondsText(endedAtSeconds)}, before the time of this was.`;
  return { verdict: "not-probed", reason };
};

/** What came out of a run that ended so many seconds after its start: no probes will follow. */
export const withFinalVerdict = (assertion: AssertionReport, endedAtSeconds: number): AssertionReport => {
  const { verdict, reason } = judge(assertion, endedAtSeconds);
  return { ...assertion, verdict, reason: `${reason}${missedText(assertion.missed)}` };
};

/** An assertion of a run that has not begun. */
export const openAssertion = (assertion: Assertion): AssertionReport => ({
  name: assertion.name,
  what: probeText(assertion),
  expect: assertion.expect,
  fromSeconds: assertion.fromSeconds,
  untilSeconds: assertion.untilSeconds,
  verdict: "not-probed",
  reason: "Nothing was probed yet.",
  probes: [],
  missed: 0,
});
