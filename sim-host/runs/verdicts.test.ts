import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssertionReport, ProbeResult } from "./run.ts";
import { openAssertion, withClosingVerdict, withFinalVerdict, withVerdictSoFar } from "./verdicts.ts";

const probes = (...reached: readonly boolean[]): readonly ProbeResult[] =>
  reached.map((isReached, index) => ({
    ...{ atSeconds: index + 0.1, isReached, milliseconds: 3, detail: isReached ? "connected" : "refused" },
  }));
const report = (expected: AssertionReport["expect"], ...reached: readonly boolean[]): AssertionReport => ({
  ...openAssertion({
    ...{ name: "it", expect: expected, fromSeconds: 0, untilSeconds: 10 },
    probe: { kind: "http", from: "client", to: "web", port: 80, path: "/", status: 200 },
  }),
  probes: probes(...reached),
});
const verdictOf = (assertion: AssertionReport, endedAtSeconds = 10): readonly string[] => {
  const { verdict, reason } = withFinalVerdict(assertion, endedAtSeconds);
  return [verdict, reason];
};

describe("a verdict", () => {
  it.each([
    [report("always", true, true), "passed", "Reached by 2 probes, as expected."],
    [report("always", true, false), "failed", "Not reached at 1.1 s (refused), though always was expected."],
    [report("eventually", false, true), "passed", "Reached at 1.1 s (connected)."],
    [report("eventually", false, false), "failed", "Not reached by 2 probes, the last one: refused."],
    [report("never", false), "passed", "Not reached by one probe, as expected."],
    [report("never", false, true), "failed", "Reached at 1.1 s (connected), though never was expected."],
    [report("never"), "not-probed", "Nothing was probed."],
  ])("is given with its reason", (assertion, verdict, reason) => {
    expect(verdictOf(assertion)).toEqual([verdict, reason]);
  });

  it("is not given when the run ended before it was certain", () => {
    const early = "The run was over at 5 s, before the time of this was.";
    expect(verdictOf(report("always", true), 5)).toEqual(["not-probed", early]);
    expect(verdictOf(report("never", true), 5)[0]).toBe("failed");
    expect(verdictOf(report("eventually", true), 5)[0]).toBe("passed");
  });

  it.each([
    [report("always", true), "Reached by one probe, as expected. The host could not make 2 more."],
    [report("always"), "Nothing was probed. The host could not make 2 probes."],
  ])("says how many probes the host could not make", (assertion, reason) => {
    expect(verdictOf({ ...assertion, missed: 2 })[1]).toBe(reason);
  });

  it.each([
    [report("always"), "Nothing was probed yet."],
    [report("always", true, true), "Reached by 2 probes so far."],
    [report("never", false), "Not reached by one probe so far."],
    [
      { ...report("eventually", false), missed: 1 },
      "Not reached by one probe so far. The host could not make one more.",
    ],
  ])("is open while it may come out either way, and says what was seen", (assertion, reason) => {
    expect(withVerdictSoFar(assertion)).toMatchObject({ verdict: "open", reason });
  });

  it("that was given when its time was over is not taken back by an end soon after", () => {
    for (const assertion of [
      report("always", true),
      report("never", true),
      report("eventually", false),
      report("always"),
    ]) {
      const closed = withClosingVerdict({ ...assertion, missed: 1 });
      expect(withFinalVerdict(closed, 1)).toEqual(closed);
    }
  });

  it("that is certain stays so, whatever is probed after it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("always", "eventually", "never" as const),
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.nat(),
        (expected, reached, cut) => {
          const soFar = withVerdictSoFar(report(expected, ...reached.slice(0, cut % (reached.length + 1))));
          const [verdict, reason] = verdictOf(report(expected, ...reached));
          if (soFar.verdict !== "open") expect([soFar.verdict, soFar.reason]).toEqual([verdict, reason]);
          const wanted = {
            always: reached.every(Boolean),
            eventually: reached.some(Boolean),
            never: !reached.some(Boolean),
          };
          expect(verdict === "passed").toBe(wanted[expected]);
        },
      ),
    );
  });
});
