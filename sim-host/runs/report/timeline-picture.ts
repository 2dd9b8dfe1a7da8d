import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { AssertionReport, Run } from "../run.ts";
import type { FaultMark, FaultRow } from "./fault-marks.ts";
import { faultRows } from "./fault-marks.ts";
import type { PictureLayout } from "./picture-layout.ts";
import type { ProbeMark } from "./probe-marks.ts";
import { probeMarks } from "./probe-marks.ts";
import type { TimeScale } from "./time-scale.ts";
import { momentText, timeScale } from "./time-scale.ts";

/** Without the row's name, where that stands above it. */
const rowHeight = 30;
const headHeight = 26;
const titleHeight = 28;
const barHeight = 20;
/** A picture with more would not be looked at: the tables have everything. */
const rowsMax = 40;

const cut = (text: string, labelCharacters: number): string =>
  text.length <= labelCharacters ? text : `${text.slice(0, labelCharacters - 1)}…`;

const axis = ({ ticks, left, right }: TimeScale, height: number): Html =>
  html`<g class="axis">
    ${ticks.map(
      ({ x, label }) =>
        html`<line x1="${x}" x2="${x}" y1="${headHeight - 6}" y2="${height}" /><text x="${x}" y="14">${label}</text>`,
    )}
    <line class="edge" x1="${left}" x2="${right}" y1="${headHeight - 6}" y2="${headHeight - 6}" />
  </g>`;

const rowLabel = (text: string, y: number, { labelHeight, labelCharacters }: PictureLayout): Html => {
  const base = labelHeight === 0 ? y + 4 : y - rowHeight / 2 - 3;
  return html`<text class="label" x="0" y="${base}"><title>${text}</title>${cut(text, labelCharacters)}</text>`;
};

const outcomeClass = ({ fault }: FaultMark): string => (fault.outcome === "done" ? "" : " missed");

const markWords = ({ words }: FaultMark, y: number): Html =>
  html`<text class="mark${words.isBefore && " before"}" x="${words.x}" y="${y + 4}">${words.text}</text>`;

const point = (mark: FaultMark, y: number): Html =>
  html`<path class="point${outcomeClass(mark)}" d="M${mark.from} ${y - 7}l7 7-7 7-7-7Z" />${markWords(mark, y)}`;

const bar = (mark: FaultMark, y: number): Html =>
  html`<rect
      class="bar${outcomeClass(mark)}"
      x="${mark.from}"
      y="${y - barHeight / 2}"
      width="${Math.max(4, mark.to - mark.from)}"
      height="${barHeight}"
      rx="4"
    />${markWords(mark, y)}`;

const faultRow = ({ subject, isFirstOfSubject, marks }: FaultRow, y: number, layout: PictureLayout): Html =>
  html`<g>
    ${isFirstOfSubject && rowLabel(subject, y, layout)}
    ${marks.map(
      (mark) => html`<g><title>${mark.fault.what}</title>${mark.isPoint ? point(mark, y) : bar(mark, y)}</g>`,
    )}
  </g>`;

/** All marks of a kind in one path: strokes of no length, which round ends make dots. */
const dots = (marks: readonly ProbeMark[], y: number): Html | false => {
  const [first] = marks;
  if (first === undefined) return false;
  const path = marks.map(({ x }) => `M${x} ${y}h0`).join("");
  const kind = `${first.meaning} ${first.isReached ? "reached" : "missed"}`;
  // A ring is a dot with a smaller one of the ground's colour on it.
  return html`<path class="dot ${kind}" d="${path}" />${!first.isReached && html`<path class="hole" d="${path}" />`}`;
};

const assertionRow = (assertion: AssertionReport, y: number, scale: TimeScale, layout: PictureLayout): Html => {
  const marks = probeMarks(assertion, scale);
  const kinds = Map.groupBy(marks, ({ meaning, isReached }) => `${meaning} ${String(isReached)}`);
  const from = scale.x(assertion.fromSeconds) - 7;
  const to = scale.x(assertion.untilSeconds) + 2;
  return html`<g>
    ${rowLabel(assertion.name, y, layout)}
    <rect class="window ${assertion.verdict}" x="${from}" y="${y - 10}" width="${to - from}" height="20" rx="10" />
    ${[...kinds.values()].map((group) => dots(group, y))}
  </g>`;
};

const bands = (rows: readonly FaultRow[], top: number, bottom: number): readonly Html[] =>
  rows
    .flatMap(({ marks }) => marks)
    .filter(({ isPoint, fault }) => !isPoint && fault.outcome === "done")
    .map(
      ({ from, to }) =>
        html`<rect class="band" x="${from}" y="${top}" width="${Math.max(1, to - from)}" height="${bottom - top}" />`,
    );

const describe = ({ durationSeconds, faults, assertions }: Run): string => {
  const count = faults.filter(({ isUndoing }) => !isUndoing).length;
  const length = momentText(durationSeconds);
  return `${length} from left to right: ${count} faults above, the probes of ${assertions.length} assertions below.`;
};

/** What happened and what was seen, on one axis of time. The tables beside it say the same in words. */
export const timelinePicture = (run: Run, layout: PictureLayout): Html => {
  const { name, width, left, right, ticksMax, labelHeight } = layout;
  const scale = timeScale(run.durationSeconds, left, right, ticksMax);
  const wholeRow = labelHeight + rowHeight;
  const rows = faultRows(run.faults, scale).slice(0, rowsMax);
  const assertions = run.assertions.slice(0, rowsMax);
  const heightOf = (count: number): number => (count === 0 ? 0 : titleHeight + count * wholeRow);
  const faultsTop = headHeight + titleHeight;
  const assertionsTop = faultsTop + heightOf(rows.length);
  const height = headHeight + heightOf(rows.length) + heightOf(assertions.length) + 6;
  const yOf = (top: number, index: number): number => top + index * wholeRow + labelHeight + rowHeight / 2;
  const title = (text: string, top: number): Html => html`<text class="title" x="0" y="${top - 8}">${text}</text>`;
  return html`<svg
    class="picture ${name}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-labelledby="${name}-title ${name}-words"
  >
    <title id="${name}-title">Timeline of the run</title>
    <desc id="${name}-words">${describe(run)}</desc>
    ${bands(rows, headHeight, height)} ${axis(scale, height)} ${rows.length > 0 && title("Faults", faultsTop)}
    ${rows.map((row, index) => faultRow(row, yOf(faultsTop, index), layout))}
    ${assertions.length > 0 && title("Assertions", assertionsTop)}
    ${assertions.map((assertion, index) => assertionRow(assertion, yOf(assertionsTop, index), scale, layout))}
  </svg>`;
};
