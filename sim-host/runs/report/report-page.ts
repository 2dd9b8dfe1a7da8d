import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { Run } from "../run.ts";
import { summaryOf } from "../run.ts";
import { broad, slim } from "./picture-layout.ts";
import { assertionsSection, capturesSection, countersSection, faultsSection } from "./report-sections.ts";
import { metaPolicy, styleElement } from "./report-style.ts";
import { momentText } from "./time-scale.ts";
import { timelinePicture } from "./timeline-picture.ts";
import { outcomeBadge, toneOf, wordOf } from "./verdict-icon.ts";

const dateText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

const verdict = ({ status, reason }: Run): Html =>
  html`<p class="verdict ${toneOf(status)}">
    ${outcomeBadge(status)}<span>${reason ?? "It is under way: what follows is what is known so far."}</span>
  </p>`;

const fact = (name: string, value: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

const playedText = ({ startedAt, endedAt, durationSeconds }: Run): string => {
  if (endedAt === undefined) return momentText(durationSeconds);
  const seconds = (new Date(endedAt).getTime() - new Date(startedAt).getTime()) / 1000;
  return seconds < durationSeconds - 1
    ? `${momentText(Math.max(0, seconds))} of ${momentText(durationSeconds)}`
    : momentText(durationSeconds);
};

const facts = (run: Run): Html => {
  const { passed } = summaryOf(run).assertions;
  const begun = run.faults.filter(({ isUndoing }) => !isUndoing);
  const happened = begun.filter(({ outcome }) => outcome === "done").length;
  return html`<dl class="facts">
    ${fact("Started", dateText(run.startedAt))} ${fact("Length", playedText(run))}
    ${fact("Assertions passed", `${passed} of ${run.assertions.length}`)}
    ${fact("Faults that happened", `${happened} of ${begun.length}`)} ${fact("Seed", String(run.seed))}
  </dl>`;
};

const legendMark = (kind: string, hasHole: boolean): Html =>
  html`<svg viewBox="0 0 16 16" aria-hidden="true">
    <path class="dot ${kind}" d="M8 8h0" />
    ${hasHole && html`<path class="hole" d="M8 8h0" />`}
  </svg>`;

const legend = html`<ul class="legend">
  <li>${legendMark("good", false)}reached, as expected</li>
  <li>${legendMark("good", true)}not reached, as expected</li>
  <li>${legendMark("bad", false)}reached, not expected</li>
  <li>${legendMark("bad", true)}not reached, not expected</li>
  <li>${legendMark("open", true)}not reached yet</li>
</ul>`;

const picture = (run: Run): Html =>
  html`<section class="card">
    <h2 id="timeline">Timeline</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="timeline">
      ${timelinePicture(run, broad)} ${timelinePicture(run, slim)}
    </div>
    ${run.assertions.length > 0 && legend}
  </section>`;

const again = ({ simulationId, seed, topology, id }: Run): Html =>
  html`<section class="card">
    <h2 id="again">Run it again</h2>
    <p>
      The seed ${seed} and the timeline are part of the topology <strong>${topology.name}</strong>. With the same
      topology, chance falls the same way for the same frames. Its digest is <code>${topology.digest}</code>.
    </p>
    <pre tabindex="0" aria-label="Requests"><code>POST /v1/simulations/${simulationId}/runs
GET  /v1/simulations/${simulationId}/runs/${id}
GET  /v1/simulations/${simulationId}/runs/&lt;later run&gt;?compare=${id}
GET  /v1/simulations/${simulationId}/runs/${id}/captures/&lt;file&gt;</code></pre>
  </section>`;

/** The report of a run as one page that needs nothing else, and may be kept as a file. */
export const reportPage = (run: Run): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content="${metaPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${wordOf[run.status]}: ${run.topology.name} · kombify</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <header>
            <p class="over">Report of the run <code>${run.id}</code></p>
            <h1>${run.topology.name}</h1>
          </header>
          ${verdict(run)} ${facts(run)} ${picture(run)} ${assertionsSection(run)} ${faultsSection(run)}
          ${countersSection(run)} ${capturesSection(run)} ${again(run)}
        </main>
      </body>
    </html>`.toString();
