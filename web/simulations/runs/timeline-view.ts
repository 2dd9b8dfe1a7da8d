import { element } from "../../page/element.ts";
import type { Run } from "../api/run-shapes.ts";
import { clockText } from "../views/time-words.ts";
import type { AssertionRow, FaultBar, FaultRow, Span } from "./timeline-rows.ts";
import { assertionRows, axisSeconds, elapsedSeconds, faultRows } from "./timeline-rows.ts";

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

const spanned = (className: string, { from, to }: Span): HTMLElement => {
  const bar = element("span", { class: className });
  bar.style.left = percent(from);
  bar.style.width = percent(to - from);
  return bar;
};

const faultBar = ({ label, outcome, side, ...span }: FaultBar): HTMLElement => {
  const bar = spanned(`fault ${outcome}`, span);
  if (side !== "none") bar.append(element("span", { class: side }, label));
  return bar;
};

const row = (name: string, ...marks: readonly HTMLElement[]): HTMLElement =>
  element(
    "div",
    { class: "track-row" },
    element("span", { class: "name" }, name),
    element("span", { class: "track" }, ...marks),
  );

const faultTrack = ({ subject, bars }: FaultRow): HTMLElement => row(subject, ...bars.map(faultBar));

const assertionTrack = ({ assertion, window, marks }: AssertionRow): HTMLElement => {
  const probes = marks.map(({ at, tone }) => spanned(`probe ${tone}`, { from: at, to: at }));
  return row(assertion.name, spanned(`window ${assertion.verdict}`, window), ...probes);
};

const axis = (durationSeconds: number): HTMLElement => {
  const ticks = axisSeconds(durationSeconds).map((seconds) => {
    const at = durationSeconds === 0 ? 0 : seconds / durationSeconds;
    const tick = spanned("tick", { from: at, to: at });
    tick.append(clockText(seconds));
    return tick;
  });
  return row("", ...ticks);
};

const legendItem = (tone: "good" | "bad" | "open", words: string): HTMLElement =>
  element("span", {}, element("span", { class: `probe ${tone}` }), words);

/** What the marks of probes mean. */
const legend = (): HTMLElement =>
  element(
    "div",
    { class: "legend soft small" },
    legendItem("good", "seen as expected"),
    legendItem("bad", "not as expected"),
    legendItem("open", "not reached yet"),
  );

/** A run as a picture over time: what happened to whom, and what was seen. What it shows is also said in words beside it. */
export const timelineView = (now: () => Date) => {
  const rows = element("div", { class: "rows" });
  const marks = legend();
  const cursor = element("span", { class: "cursor" });
  const cursorTrack = element(
    "div",
    { class: "track-row over" },
    element("span", {}),
    element("span", { class: "track" }, cursor),
  );
  const root = element(
    "div",
    { class: "wide", "aria-hidden": "true" },
    element("div", { class: "timeline" }, rows, cursorTrack),
    marks,
  );
  marks.hidden = true;
  let shown: Run | undefined;
  const tick = (): void => {
    const isUnderWay = shown?.status === "running";
    cursorTrack.hidden = !isUnderWay;
    if (shown === undefined || !isUnderWay) return;
    cursor.style.left = percent(elapsedSeconds(shown, now()) / (shown.durationSeconds || 1));
  };
  return {
    root,
    tick,
    update: (run: Run): void => {
      shown = run;
      marks.hidden = run.assertions.length === 0;
      rows.replaceChildren(
        axis(run.durationSeconds),
        ...faultRows(run).map(faultTrack),
        ...assertionRows(run).map(assertionTrack),
      );
      tick();
    },
  };
};
