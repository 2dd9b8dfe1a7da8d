import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { AssertionReport, CaptureReport, DirectionCounters, FaultReport, Run } from "../run.ts";
import { probeSpans, spanText } from "./probe-marks.ts";
import { momentText } from "./time-scale.ts";
import { outcomeBadge } from "./verdict-icon.ts";

/** More than anybody reads; the JSON report has all of them. */
const spansMax = 100;

interface Table {
  readonly id: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Html[];
  /** Heads of columns of figures. */
  readonly figures?: readonly string[];
}

const table = ({ id, title, head, rows, figures = [] }: Table): Html =>
  html`<section class="card">
    <h2 id="${id}">${title}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
      <table>
        <thead>
          <tr>
            ${head.map((text) => html`<th scope="col" class="${figures.includes(text) ? "figure" : ""}">${text}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;

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

const assertionRow = (assertion: AssertionReport): Html =>
  html`<tr class="${assertion.verdict === "failed" ? "failed" : ""}">
    <th scope="row">${assertion.name}<span class="soft block">${assertion.what}</span></th>
    <td>
      ${assertion.expect}<span class="soft block"
        >${momentText(assertion.fromSeconds)} to ${momentText(assertion.untilSeconds)}</span
      >
    </td>
    <td>${outcomeBadge(assertion.verdict)}</td>
    <td>${assertion.reason} ${probesOf(assertion)}</td>
  </tr>`;

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

const faultRow = (fault: FaultReport): Html =>
  html`<tr class="${fault.outcome === "failed" ? "failed" : ""}">
    <td class="figure">${momentText(fault.plannedAtSeconds)}</td>
    <th scope="row">${fault.isUndoing ? html`<span class="soft">End of</span> ` : ""}${fault.what}</th>
    <td>
      ${outcomeBadge(fault.outcome)}${fault.reason !== undefined && html`<span class="soft block">${fault.reason}</span>`}
    </td>
    <td class="figure">${lateness(fault)}</td>
  </tr>`;

export const faultsSection = ({ faults }: Run): Html | false =>
  faults.length > 0 &&
  table({
    ...{ id: "faults", title: "Faults", head: ["Planned at", "What", "Outcome", "Took effect after"] },
    ...{ rows: faults.map(faultRow), figures: ["Planned at", "Took effect after"] },
  });

const share = (count: number, of: number): string => (of === 0 ? "" : ` (${Math.round((count / of) * 1000) / 10} %)`);

const counterRow = ({ link, from, to, frames, lost, corrupted, overflowed }: DirectionCounters): Html =>
  html`<tr>
    <th scope="row">${link}</th>
    <td>${from} <span aria-hidden="true">→</span><span class="visually-hidden">to</span> ${to}</td>
    <td class="figure">${frames.toLocaleString("en")}</td>
    ${[lost, corrupted, overflowed].map(
      (count) => html`<td class="figure">${count.toLocaleString("en")}${share(count, frames)}</td>`,
    )}
  </tr>`;

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

const captureRow = ({ name, link, node, bytes, isCut, reason }: CaptureReport): Html =>
  html`<tr>
    <th scope="row"><code>${name}</code></th>
    <td>${node} on ${link}</td>
    <td class="figure">${sizeText(bytes)}</td>
    <td>${reason ?? (isCut ? "Ended early, full or with its node: later frames are missing." : "Complete.")}</td>
  </tr>`;

export const capturesSection = ({ captures }: Run): Html | false =>
  captures.length > 0 &&
  table({
    ...{ id: "captures", title: "Captures", head: ["File", "Of what passes", "Size", "State"], figures: ["Size"] },
    rows: captures.map(captureRow),
  });
