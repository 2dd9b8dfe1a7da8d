import type { Html, HtmlValue } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { AssertionReport, CaptureReport, DirectionCounters, FaultReport, Run } from "../run.ts";
import { probeSpans, spanText } from "./probe-marks.ts";
import { momentText } from "./time-scale.ts";
import { outcomeBadge } from "./verdict-icon.ts";

/** More than anybody reads; the JSON report has all of them. */
const spansMax = 100;

interface Row {
  readonly cells: readonly HtmlValue[];
  readonly isFailed?: boolean;
}

interface Table {
  readonly id: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** Which cell of a row names it. */
  readonly nameAt?: number;
  /** Heads of columns of figures. */
  readonly figures?: readonly string[];
}

/** Where there is no room for columns each cell says what it is, and the written roles are all that is left of the table. */
const tableRow = ({ head, figures = [], nameAt = 0 }: Table, { cells, isFailed = false }: Row): Html => {
  const cellOf = (cell: HtmlValue, index: number): Html => {
    const column = head[index] ?? "";
    if (index === nameAt) return html`<th scope="row" role="rowheader">${cell}</th>`;
    const kind = figures.includes(column) ? "figure" : "";
    return html`<td role="cell" class="${kind}" data-column="${column}">${cell}</td>`;
  };
  return html`<tr role="row" class="${isFailed && "failed"}">
    ${cells.map(cellOf)}
  </tr>`;
};

const headCell = (text: string, isFigure: boolean): Html =>
  html`<th scope="col" role="columnheader" class="${isFigure && "figure"}">${text}</th>`;

const table = (all: Table): Html => {
  const { id, title, head, rows, figures = [] } = all;
  return html`<section class="card">
    <h2 id="${id}">${title}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${head.map((text) => headCell(text, figures.includes(text)))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${rows.map((row) => tableRow(all, row))}
        </tbody>
      </table>
    </div>
  </section>`;
};

const probesOf = ({ probes }: AssertionReport): Html | false => {
  const spans = probeSpans(probes);
  const more = spans.length - spansMax;
  return (
    spans.length > 0 &&
    html`<details>
      <summary>${probes.length === 1 ? "One probe" : `${probes.length} probes`}</summary>
      <ul>
        ${spans.slice(0, spansMax).map((span) => html`<li>${spanText(span)}</li>`)}
        ${more > 0 && html`<li>and ${more} more changes, in the JSON report</li>`}
      </ul>
    </details>`
  );
};

const beside = (words: string): Html => html`<span class="soft block">${words}</span>`;

const assertionRow = (assertion: AssertionReport): Row => {
  const { name, what, expect, fromSeconds, untilSeconds, verdict, reason } = assertion;
  const cells = [
    html`${name}${beside(what)}`,
    html`${expect}${beside(`${momentText(fromSeconds)} to ${momentText(untilSeconds)}`)}`,
    outcomeBadge(verdict),
    html`${reason} ${probesOf(assertion)}`,
  ];
  return { cells, isFailed: verdict === "failed" };
};

export const assertionsSection = ({ assertions }: Run): Html | false =>
  assertions.length > 0 &&
  table({
    ...{ id: "assertions", title: "Assertions", head: ["Assertion", "Expected", "Verdict", "Why"] },
    rows: assertions.map(assertionRow),
  });

const lateness = ({ plannedAtSeconds, happenedAtSeconds }: FaultReport): string => {
  if (happenedAtSeconds === null) return "";
  return `${Math.max(0, Math.round((happenedAtSeconds - plannedAtSeconds) * 1000))} ms`;
};

const faultRow = (fault: FaultReport): Row => {
  const { plannedAtSeconds, isUndoing, what, outcome, reason } = fault;
  const cells = [
    momentText(plannedAtSeconds),
    html`${isUndoing && html`<span class="soft">End of</span> `}${what}`,
    html`${outcomeBadge(outcome)}${reason !== undefined && beside(reason)}`,
    lateness(fault),
  ];
  return { cells, isFailed: outcome === "failed" };
};

export const faultsSection = ({ faults }: Run): Html | false =>
  faults.length > 0 &&
  table({
    ...{ id: "faults", title: "Faults", head: ["Planned at", "What", "Outcome", "Took effect after"] },
    ...{ rows: faults.map(faultRow), nameAt: 1, figures: ["Planned at", "Took effect after"] },
  });

const share = (count: number, of: number): string => (of === 0 ? "" : ` (${Math.round((count / of) * 1000) / 10} %)`);

const counterRow = ({ link, from, to, frames, lost, corrupted, overflowed }: DirectionCounters): Row => ({
  cells: [
    link,
    html`${from} <span aria-hidden="true">→</span><span class="visually-hidden">to</span> ${to}`,
    frames.toLocaleString("en"),
    ...[lost, corrupted, overflowed].map((count) => `${count.toLocaleString("en")}${share(count, frames)}`),
  ],
});

export const countersSection = ({ counters }: Run): Html | false => {
  const head = ["Link", "Direction", "Frames", "Lost", "Corrupted", "Overflowed"];
  return (
    counters.length > 0 &&
    table({
      ...{ id: "counters", title: "Frames on impaired links", head, figures: head.slice(2) },
      rows: counters.map(counterRow),
    })
  );
};

const sizeText = (bytes: number): string => (bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 102.4) / 10} KiB`);

const captureRow = ({ name, link, node, bytes, isCut, reason }: CaptureReport): Row => {
  const state = reason ?? (isCut ? "Ended early, full or with its node: later frames are missing." : "Complete.");
  return { cells: [html`<code>${name}</code>`, `${node} on ${link}`, sizeText(bytes), state] };
};

export const capturesSection = ({ captures }: Run): Html | false =>
  captures.length > 0 &&
  table({
    ...{ id: "captures", title: "Captures", head: ["File", "Of what passes", "Size", "State"], figures: ["Size"] },
    rows: captures.map(captureRow),
  });
