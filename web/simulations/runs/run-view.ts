import { element } from "../../page/element.ts";
import type { AssertionReport, FaultReport, Run } from "../api/run-shapes.ts";
import { stateBadge } from "../views/state-badge.ts";
import { clockText, timeOfDay } from "../views/time-words.ts";
import { elapsedSeconds } from "./timeline-rows.ts";
import { timelineView } from "./timeline-view.ts";
import { runWords, verdictWords } from "./run-words.ts";

const assertionItem = (assertion: AssertionReport): HTMLElement => {
  const { name, what, expect, fromSeconds, untilSeconds, verdict, reason } = assertion;
  return element(
    "li",
    { class: "assertion" },
    stateBadge(verdictWords(verdict)),
    element(
      "div",
      {},
      element("strong", {}, name),
      element("p", { class: "soft small" }, `${what}: ${expect}, from ${fromSeconds} s to ${untilSeconds} s.`),
      element("p", { class: "small" }, reason),
    ),
  );
};

const outcomes: Readonly<Record<FaultReport["outcome"], string>> = {
  ...{ planned: "to come", done: "done", failed: "did not happen", skipped: "left out" },
};

const faultItem = ({ plannedAtSeconds, what, isUndoing, outcome, reason }: FaultReport): HTMLElement =>
  element(
    "li",
    {},
    element("span", { class: "soft small" }, `${plannedAtSeconds} s`),
    element(
      "span",
      {},
      `${isUndoing ? "End of " : ""}${what}: ${outcomes[outcome]}${reason === undefined ? "." : ` (${reason}).`}`,
    ),
  );

/** One run, under way or over: its timeline as a picture, and everything in words. */
export const runView = (now: () => Date) => {
  const badge = element("span", {});
  const clock = element("span", { class: "soft" });
  const reason = element("p", {});
  const timeline = timelineView(now);
  const assertions = element("ul", { class: "plain wide", "aria-label": "Assertions" });
  const faults = element("ol", { class: "plain history" });
  let shown: Run | undefined;
  const tick = (): void => {
    timeline.tick();
    if (shown?.status !== "running") return;
    clock.textContent = `${clockText(elapsedSeconds(shown, now()))} of ${clockText(shown.durationSeconds)}`;
  };
  return {
    root: element(
      "div",
      { class: "stack wide" },
      element("p", { class: "row" }, badge, clock),
      reason,
      timeline.root,
      assertions,
      element("details", { class: "wide" }, element("summary", {}, "Everything that was to happen"), faults),
    ),
    tick,
    update: (run: Run): void => {
      shown = run;
      badge.replaceChildren(stateBadge(runWords(run.status)));
      clock.textContent = `Begun at ${timeOfDay(run.startedAt)}, seed ${run.seed}`;
      reason.textContent = run.reason ?? "";
      reason.hidden = run.reason === undefined;
      timeline.update(run);
      assertions.replaceChildren(...run.assertions.map(assertionItem));
      faults.replaceChildren(...run.faults.map(faultItem));
      tick();
    },
  };
};
