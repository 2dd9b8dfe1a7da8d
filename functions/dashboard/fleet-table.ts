import type { FleetInstance, FleetView, HistorySpan, RefusedReports } from "../../shared/health/fleet-view.ts";
import { capacityBar } from "./capacity-bar.ts";
import { historyStrip, spanWords } from "./history-strip.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import { latencyLine } from "./latency-line.ts";
import type { PageFacts } from "./page-facts.ts";
import { stateIcon } from "./state-icon.ts";
import { counted, elementId, stateOf, stateWords, when } from "./words.ts";

const columns = ["Instance", "State", "History", "Answer times", "Tenants", "Last heard", "Actions"] as const;

const linkTo = (action: string, label: string, id: string): Html =>
  html`<a
    class="button quiet compact"
    id="${elementId(action, id)}"
    href="/admin/confirm/${action}?id=${encodeURIComponent(id)}"
    >${label}<span class="visually-hidden"> ${id}</span></a
  >`;

const actionsOf = ({ id, status, used }: FleetInstance): readonly Html[] => {
  // Only an empty instance can be retired.
  const retire = used === 0 ? [linkTo("retire", "Retire…", id)] : [];
  if (status === "active") return [linkTo("drain", "Drain…", id), ...retire];
  if (status === "draining") return [linkTo("undrain", "Undrain…", id), ...retire];
  return [];
};

const stateCell = (instance: FleetInstance, { nowMilliseconds }: PageFacts): Html => {
  const state = stateOf(instance);
  const cause = instance.failure ?? instance.healthCause;
  const since = state === "maintenance" ? instance.maintenanceSince : instance.healthSince;
  return html`<span class="state is-${state}">${stateIcon(state)} ${stateWords[state]}</span>
    ${instance.status === "draining" && html`<span class="badge">Draining</span>`}
    ${since !== null && html`<span class="small soft">since ${when(since, nowMilliseconds)}</span>`}
    ${cause !== null && html`<span class="small cause">${cause}</span>`}`;
};

const refusedReports = ({ count, lastAt, lastReason, reasons }: RefusedReports, nowMilliseconds: number): Html => {
  const summed = reasons.map(({ reason, count: times }) => html`<li>${times} × ${reason}</li>`);
  return html`<span class="small cause"
      >${counted(count, "report", "reports")} refused, last ${when(lastAt, nowMilliseconds)}:
      ${summed.length < 2 && lastReason}</span
    >${
      summed.length > 1 &&
      html`<ul class="small cause">
        ${summed}
      </ul>`
    }`;
};

const heardCell = (instance: FleetInstance, { nowMilliseconds }: PageFacts): Html => {
  const { lastReportAt, lastProbeAt, metrics, refusedReports: refused } = instance;
  return html`<span
      >${lastReportAt === null ? "No report yet" : html`Report ${when(lastReportAt, nowMilliseconds)}`}</span
    >
    ${lastProbeAt !== null && html`<span class="small soft">probed ${when(lastProbeAt, nowMilliseconds)}</span>`}
    ${
      metrics !== null &&
      html`<span class="small soft"
        >CPU ${Math.round(metrics.cpuPercent)} %, memory ${Math.round(metrics.memoryPercent)} %</span
      >`
    }
    ${refused !== undefined && refusedReports(refused, nowMilliseconds)}`;
};

const row = (instance: FleetInstance, span: HistorySpan, facts: PageFacts): Html => {
  const { id, region, mode, version } = instance;
  const cells = [
    stateCell(instance, facts),
    historyStrip(elementId("history", id), instance.history, span),
    latencyLine(instance.latency),
    capacityBar(instance),
    heardCell(instance, facts),
    html`<span class="row">${actionsOf(instance)}</span>`,
  ];
  // Roles are written out because narrow windows show rows as cards, and browsers then forget that this is a table.
  return html`<tr
    role="row"
    id="${elementId("instance", id)}"
    data-watched="${id}"
    data-state="${stateWords[stateOf(instance)].toLowerCase()}"
  >
    <th role="rowheader" scope="row">
      <span class="name">${id}</span>
      <span class="small soft">${region} · ${mode === "SHARED" ? "shared" : "dedicated"}</span>
      <span class="small soft">${version === null ? "version not known" : html`version ${version}`}</span>
    </th>
    ${cells.map((cell, index) => html`<td role="cell" data-label="${columns[index + 1]}"><div class="cell">${cell}</div></td>`)}
  </tr>`;
};

const spanSwitch = (current: HistorySpan): Html =>
  html`<nav class="switch" aria-label="Length of the history">
    ${(["minutes", "hours", "days"] as const).map(
      (span) =>
        html`<a id="span-${span}" href="/admin?span=${span}" ${span === current && html`aria-current="true"`}
          >${spanWords[span].link}</a
        >`,
    )}
  </nav>`;

/** Every instance of the fleet with what is known of it. */
export const fleetTable = ({ instances, span }: FleetView, facts: PageFacts): Html =>
  html`<section class="card stack" aria-labelledby="instances">
    <div class="row spread">
      <h2 id="instances">Instances</h2>
      ${spanSwitch(span)}
    </div>
    ${
      instances.length === 0
        ? html`<p class="wide">
            There is no instance yet. Provision one below: tenants are placed on it as soon as it is active.
          </p>`
        : html`<table class="fleet wide" role="table">
            <caption class="visually-hidden">
              Instances of the fleet; the history shows the last 90 ${span}
            </caption>
            <thead role="rowgroup">
              <tr role="row">
                ${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}
              </tr>
            </thead>
            <tbody role="rowgroup">
              ${instances.map((instance) => row(instance, span, facts))}
            </tbody>
          </table>`
    }
  </section>`;
