import { lengthText } from "../../shared/dashboard/relative-time.ts";
import type { FleetView, IncidentView, MaintenanceWindowView, OperationView } from "../../shared/health/fleet-view.ts";
import { actionForm } from "./action-form.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { PageFacts } from "./page-facts.ts";
import { stateIcon } from "./state-icon.ts";
import { counted, elementId, operationTitle, stateOf, stateWords, troubleStates, when } from "./words.ts";

const joined = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
};

/** The fleet in one line: what is wrong with whom, or that nothing is. */
const healthSentence = ({ instances }: FleetView): { readonly text: string; readonly isGood: boolean } => {
  if (instances.length === 0) return { text: "There is no instance yet.", isGood: false };
  const troubles = troubleStates.flatMap((state) => {
    const names = instances.filter((instance) => stateOf(instance) === state).map(({ id }) => id);
    return names.length === 0 ? [] : [`${joined(names)} (${stateWords[state].toLowerCase()})`];
  });
  if (troubles.length > 0) return { text: `Needs attention: ${troubles.join("; ")}.`, isGood: false };
  const healthy = instances.filter((instance) => stateOf(instance) === "healthy").length;
  const isGood = healthy > 0;
  const text =
    healthy === instances.length
      ? `${counted(healthy, "instance is", "instances are")} healthy.`
      : `${healthy} of ${counted(instances.length, "instance", "instances")} healthy, none in trouble.`;
  return { text, isGood };
};

export const summary = (view: FleetView, { nowMilliseconds }: PageFacts): Html => {
  const { text, isGood } = healthSentence(view);
  const { oldestUnfinished: oldest, waitingTenants, incidents } = view;
  const open = incidents.filter(({ state }) => state !== "resolved").length;
  const ageSeconds = oldest === null ? 0 : (nowMilliseconds - Date.parse(oldest.createdAt)) / 1000;
  return html`<section class="summary" aria-label="Summary">
    <p class="notice ${isGood ? "good" : "warn"}">${stateIcon(isGood ? "healthy" : "degraded")} ${text}</p>
    <dl class="facts">
      <div>
        <dt>Unresolved incidents</dt>
        <dd>${open}</dd>
      </div>
      <div>
        <dt>Oldest unfinished operation</dt>
        <dd>
          ${oldest === null ? "None" : html`${lengthText(ageSeconds)} <span class="small soft">${operationTitle(oldest)}</span>`}
        </dd>
      </div>
      <div>
        <dt>Tenants that wait for room</dt>
        <dd>${waitingTenants}</dd>
      </div>
    </dl>
  </section>`;
};

const incidentItem = (incident: IncidentView, facts: PageFacts): Html => {
  const { id, instanceId, state, health, cause, openedAt, acknowledgedAt, acknowledgedBy, resolvedAt } = incident;
  const { nowMilliseconds, formToken } = facts;
  const action = (name: string, label: string): Html => actionForm({ name, label, id, formToken, about: instanceId });
  return html`<li
    id="${elementId("incident", id)}"
    class="item ${state === "resolved" && "over"}"
    data-watched="Incident of ${instanceId}"
    data-state="${state}"
  >
    <div class="grow">
      <p>
        <span class="state is-${health}">${stateIcon(health)} ${stateWords[health]}</span>
        <strong><a href="#${elementId("instance", instanceId)}">${instanceId}</a></strong>
        <span class="badge">${state}</span>
      </p>
      <p class="cause">${cause}</p>
      <p class="small soft">
        Opened
        ${when(openedAt, nowMilliseconds)}${acknowledgedAt !== null && html`, acknowledged ${when(acknowledgedAt, nowMilliseconds)} by ${acknowledgedBy ?? "somebody"}`}${resolvedAt !== null && html`, resolved ${when(resolvedAt, nowMilliseconds)}`}
      </p>
    </div>
    <div class="row">
      ${state === "open" && action("acknowledge", "Acknowledge")}
      ${state !== "resolved" && action("resolve", "Resolve")}
    </div>
  </li>`;
};

export const incidentSection = ({ incidents }: FleetView, facts: PageFacts): Html =>
  html`<section class="card stack" aria-labelledby="incidents">
    <h2 id="incidents">Incidents</h2>
    ${
      incidents.length === 0
        ? html`<p class="soft">No incident so far.</p>`
        : html`<ul class="items wide">
            ${incidents.map((incident) => incidentItem(incident, facts))}
          </ul>`
    }
  </section>`;

const stepWords = { pending: "to do", running: "under way", done: "done", failed: "failed" } as const;

const operationItem = (operation: OperationView, { nowMilliseconds, formToken }: PageFacts): Html => {
  const { id, status, steps, progress, error, plan, allowedActions, createdAt, deadlineAt } = operation;
  const title = operationTitle(operation);
  // The work of tenants belongs to their organisations: operators see it and leave it alone.
  const allowed = operation.kind === "provision-tenant" ? [] : allowedActions;
  const isUnfinished = status === "running" || status === "waiting";
  return html`<li id="${elementId("operation", id)}" class="item" data-watched="${title}" data-state="${status}">
    <div class="grow">
      <p>
        <strong>${title}</strong>
        <span class="badge ${status === "failed" && "bad"}"
          >${operation.isCancelRequested && isUnfinished ? "being cancelled" : status}</span
        >
      </p>
      <progress
        max="${Math.max(1, progress.total)}"
        value="${progress.done}"
        aria-label="Progress of ${title}"
      ></progress>
      <ol class="steps-line">
        ${steps.map(({ name, state }) => html`<li class="${state}">${name} <span class="small">(${stepWords[state]})</span></li>`)}
      </ol>
      ${plan !== null && html`<p class="small soft">${plan}</p>`}
      ${error !== null && html`<p class="cause">${error.detail} <span class="small soft">${error.code}</span></p>`}
      <p class="small soft">
        Started
        ${when(createdAt, nowMilliseconds)}${isUnfinished && html`, must be over ${when(deadlineAt, nowMilliseconds)}`}
      </p>
    </div>
    <div class="row">
      ${
        allowed.includes("cancel") &&
        html`<a class="button danger compact" href="/admin/confirm/cancel?id=${encodeURIComponent(id)}"
          >Cancel…<span class="visually-hidden"> ${title}</span></a
        >`
      }
      ${allowed.includes("retry") && actionForm({ name: "retry", label: "Retry", id, formToken, about: title })}
    </div>
  </li>`;
};

export const operationSection = ({ operations }: FleetView, facts: PageFacts): Html =>
  html`<section class="card stack" aria-labelledby="operations">
    <h2 id="operations">Operations</h2>
    ${
      operations.length === 0
        ? html`<p class="soft">Nothing is under way, and nothing failed in the last day.</p>`
        : html`<ul class="items wide">
            ${operations.map((operation) => operationItem(operation, facts))}
          </ul>`
    }
  </section>`;

const windowItem = ({ id, instanceId, from, until, reason }: MaintenanceWindowView, facts: PageFacts): Html =>
  html`<li id="${elementId("window", id)}" class="item">
    <div class="grow">
      <p><strong>${instanceId}</strong> ${reason}</p>
      <p class="small soft">From ${when(from, facts.nowMilliseconds)} until ${when(until, facts.nowMilliseconds)}</p>
    </div>
    ${actionForm({ name: "end-maintenance", label: "End", id, formToken: facts.formToken, about: `the maintenance of ${instanceId}` })}
  </li>`;

export const maintenanceList = ({ maintenance }: FleetView, facts: PageFacts): Html =>
  maintenance.length === 0
    ? html`<p class="soft">No maintenance is planned.</p>`
    : html`<ul class="items wide">
        ${maintenance.map((window) => windowItem(window, facts))}
      </ul>`;
