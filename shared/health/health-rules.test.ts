import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sample } from "./health-rules.ts";
import { afterLook, afterSample, isTrouble, judge } from "./health-rules.ts";
import { healthThresholds } from "./health-thresholds.ts";
import { freshVitals } from "./vitals.ts";
import type { Vitals } from "./vitals.ts";

const start = Date.UTC(2026, 0, 1);
const iso = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

/** g: good, s: slow, b: wrong answer, x: silence, -: nobody looks. One letter is one round of ten seconds. */
type Letter = "g" | "s" | "b" | "x" | "-";

const sampleOf = (letter: Exclude<Letter, "-">, at: string): Sample => ({
  source: "probe",
  at,
  verdict: { g: "good", s: "degraded", b: "bad", x: "bad" }[letter] as Sample["verdict"],
  isSignOfLife: letter !== "x",
  cause: letter === "g" ? null : `It was ${letter}.`,
});

const reportAt = (seconds: number, verdict: Sample["verdict"] = "good"): Sample => ({
  source: "report",
  at: iso(seconds),
  verdict,
  isSignOfLife: true,
  cause: verdict === "good" ? null : "It reports itself unwell.",
});

const play = (letters: string, before = freshVitals(iso(0)), from = 0): readonly Vitals[] => {
  const states: Vitals[] = [];
  let vitals = before;
  Array.from(letters).forEach((letter, index) => {
    const at = iso(from + index * 10);
    if (letter !== "-") vitals = afterSample(afterLook(vitals, at), sampleOf(letter as "g", at));
    states.push(vitals);
  });
  return states;
};

const statesOf = (letters: string): string =>
  play(letters)
    .map(({ state }) => state)
    .join(" ");

describe("one probe after the other", () => {
  test.each([
    ["gg", "healthy healthy"],
    ["gs", "healthy degraded"],
    ["gsg", "healthy degraded healthy"],
    ["gbbg", "healthy healthy healthy healthy"],
    ["gbbb", "healthy healthy healthy failing"],
    ["gbbbg", "healthy healthy healthy failing failing"],
    ["gbbbgg", "healthy healthy healthy failing failing healthy"],
    ["gbbbgbgg", "healthy healthy healthy failing failing failing failing healthy"],
    ["bbb", "unknown unknown failing"],
    ["bg", "unknown healthy"],
    ["xxxxb", "unknown unknown unknown stale failing"],
    ["xbxg", "unknown unknown failing failing"],
    ["gxxg", "healthy healthy healthy healthy"],
    ["gxxx", "healthy healthy healthy stale"],
    ["gxxxg", "healthy healthy healthy stale healthy"],
    ["gxxxxxx", "healthy healthy healthy stale stale stale offline"],
    ["gxxxxxxg", "healthy healthy healthy stale stale stale offline failing"],
    ["gxxxxxxgg", "healthy healthy healthy stale stale stale offline failing healthy"],
    ["xxx", "unknown unknown unknown"],
    ["xxxxxxx", "unknown unknown unknown stale stale stale offline"],
    ["g------g", "healthy healthy healthy healthy healthy healthy healthy healthy"],
    // The control plane was down for a minute; the instance is silent on its return and has its full time again.
    ["g------xxx", "healthy healthy healthy healthy healthy healthy healthy healthy healthy healthy"],
    ["g------xxxx", "healthy healthy healthy healthy healthy healthy healthy healthy healthy healthy stale"],
    // What was offline before stays offline until it is heard.
    ["gxxxxxx------x", `healthy healthy healthy stale stale stale ${"offline ".repeat(8).trim()}`],
    ["gbb------b", "healthy ".repeat(10).trim()],
  ])("%s: %s", (letters, expected) => {
    expect(statesOf(letters)).toBe(expected);
  });

  test("the cause is kept in words, and since when", () => {
    const [, , , failing] = play("gbbb");
    expect(failing).toMatchObject({ state: "failing", cause: "It was b.", since: iso(30) });
    const offline = play("gxxxxxxx").at(-1);
    expect(offline?.cause).toBe("Nothing has been heard for 60 seconds or more. The last probe: It was x.");
    expect(offline?.since).toBe(iso(60));
  });
});

describe("reports", () => {
  test("an instance that reports but does not answer is failing, not offline", () => {
    let vitals = play("g").at(-1) ?? freshVitals(iso(0));
    for (let round = 1; round <= 8; round += 1) {
      vitals = afterSample(vitals, reportAt(round * 10 - 1));
      vitals = afterSample(afterLook(vitals, iso(round * 10)), sampleOf("x", iso(round * 10)));
    }
    expect(vitals).toMatchObject({ state: "failing", cause: "It was x." });
  });

  test("good probes do not hide an instance that calls itself unhealthy", () => {
    let vitals = freshVitals(iso(0));
    for (let round = 1; round <= 3; round += 1) {
      vitals = afterSample(vitals, sampleOf("g", iso(round * 10)));
      vitals = afterSample(vitals, reportAt(round * 10 + 1, "bad"));
    }
    expect(vitals).toMatchObject({ state: "failing", cause: "It reports itself unwell." });
    // It stops reporting: after a minute its last words are too old to count.
    const later = play("gggggggg", vitals, 40).at(-1);
    expect(later?.state).toBe("healthy");
  });
});

describe("flapping", () => {
  const cycle = "bbbgg";
  test("three ups and downs in ten minutes are flapping; it ends when they have been quiet for as long", () => {
    const states = play(`g${cycle.repeat(3)}`);
    expect(states.at(-1)).toMatchObject({ state: "degraded", isFlapping: true });
    const after = play("g".repeat(61), states.at(-1), 160);
    expect(after.at(0)?.isFlapping).toBe(true);
    expect(after.at(-1)).toMatchObject({ state: "healthy", isFlapping: false });
  });

  test("two are not", () => {
    expect(play(`g${cycle.repeat(2)}`).at(-1)?.isFlapping).toBe(false);
  });
});

const anyLetters = fc
  .array(fc.constantFrom<Letter>("g", "s", "b", "x", "-"), { maxLength: 60 })
  .map((letters) => letters.join(""));
const end = (letters: string): Vitals => play(letters).at(-1) ?? freshVitals(iso(0));

describe("whatever happened", () => {
  test("a minute and two good answers later nothing is failing, stale or offline", () => {
    fc.assert(
      fc.property(anyLetters, (letters) => {
        const last = play("gg", end(letters), letters.length * 10 + 60).at(-1);
        return last?.state === "healthy" || (last?.state === "degraded" && last.isFlapping);
      }),
    );
  });

  test("a minute of watched silence is offline", () => {
    fc.assert(
      fc.property(anyLetters, (letters) => {
        // 30 seconds more: an absence of the watcher may just have ended.
        expect(play("xxxxxxxxxx", end(letters), letters.length * 10).at(-1)?.state).toBe("offline");
      }),
    );
  });

  test("the same sample again, or an older one, changes nothing", () => {
    fc.assert(
      fc.property(
        anyLetters,
        fc.constantFrom("g" as const, "b" as const, "x" as const),
        fc.nat(600),
        (before, letter, age) => {
          const vitals = end(before);
          if (vitals.probe.at === null) return;
          const old = new Date(Date.parse(vitals.probe.at) - age * 1000).toISOString();
          expect(afterSample(vitals, sampleOf(letter, old))).toBe(vitals);
        },
      ),
    );
  });

  test("a watcher that comes back opens no trouble by its first look", () => {
    fc.assert(
      fc.property(
        anyLetters,
        fc.integer({ min: 30, max: 100_000 }),
        fc.constantFrom("g", "s", "b", "x"),
        (before, away, letter) => {
          const vitals = end(before);
          const next = play(letter, vitals, (Date.parse(vitals.watchedAt) - start) / 1000 + away).at(-1);
          const isKnown = isTrouble(vitals.state) || vitals.wasOffline || vitals.probe.isDown;
          if (!isKnown) expect(isTrouble(next?.state ?? "offline")).toBe(false);
        },
      ),
    );
  });

  test("what is remembered is bounded, and judging twice is judging once", () => {
    fc.assert(
      fc.property(anyLetters, (letters) => {
        const vitals = end(letters);
        expect(vitals.flips.length).toBeLessThanOrEqual(healthThresholds.flipsKept);
        const now = iso(letters.length * 10 + 5);
        const judged = judge(vitals, now);
        expect(judge(judged, now)).toEqual(judged);
      }),
    );
  });
});
