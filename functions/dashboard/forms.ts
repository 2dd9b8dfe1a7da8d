import type { FleetView } from "../../shared/health/fleet-view.ts";
import { DeploymentMode, Region } from "../../shared/instances/instance.ts";
import { formTokenField } from "./action-form.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { PageFacts } from "./page-facts.ts";
import { maintenanceList } from "./sections.ts";

/** What was typed into a form that was refused, to be shown again. */
export type Typed = Readonly<Record<string, string>>;

const option = (value: string, label: string, chosen: string | undefined): Html =>
  html`<option value="${value}" ${value === chosen && html`selected`}>${label}</option>`;

const modeWords = { SHARED: "Shared (50 tenants)", DEDICATED: "Dedicated (1 tenant)" } as const;

/** Leads to the question first; what is sent from there can be sent twice and still makes one instance. */
export const provisionForm = (defaultRegion: Region): Html =>
  html`<section class="card stack" aria-labelledby="provision">
    <h2 id="provision">Provision an instance</h2>
    <form id="provision-form" class="fields" method="get" action="/admin/confirm/provision">
      <div class="field">
        <label for="region">Region</label>
        <select id="region" name="region">
          ${Region.options.map((region) => option(region, region, defaultRegion))}
        </select>
      </div>
      <div class="field">
        <label for="mode">Mode</label>
        <select id="mode" name="mode">
          ${DeploymentMode.options.map((mode) => option(mode, modeWords[mode], "SHARED"))}
        </select>
      </div>
      <button>Provision…</button>
    </form>
  </section>`;

const lengths = [
  ["30", "30 minutes"],
  ["60", "1 hour"],
  ["240", "4 hours"],
  ["1440", "1 day"],
  ["10080", "7 days"],
] as const;

const maintenanceForm = ({ instances }: FleetView, { formToken }: PageFacts, typed: Typed): Html =>
  html`<form id="maintenance-form" class="fields" method="post" action="/admin/actions/plan-maintenance" data-live>
    ${formTokenField(formToken)}
    <div class="field">
      <label for="maintained">Instance</label>
      <select id="maintained" name="instanceId">
        ${instances.map(({ id }) => option(id, id, typed["instanceId"]))}
      </select>
    </div>
    <div class="field">
      <label for="from">Start (UTC; empty: now)</label>
      <input id="from" name="from" type="datetime-local" value="${typed["from"]}" />
    </div>
    <div class="field">
      <label for="minutes">Length</label>
      <select id="minutes" name="minutes">
        ${lengths.map(([minutes, label]) => option(minutes, label, typed["minutes"] ?? "60"))}
      </select>
    </div>
    <div class="field">
      <label for="reason">Reason</label>
      <input id="reason" name="reason" required maxlength="500" autocomplete="off" value="${typed["reason"]}" />
    </div>
    <button>Plan the maintenance</button>
  </form>`;

/** Windows in which nobody is alarmed, and the form for another one. */
export const maintenanceSection = (view: FleetView, facts: PageFacts, typed: Typed): Html =>
  html`<section class="card stack" aria-labelledby="maintenance">
    <h2 id="maintenance">Maintenance</h2>
    ${maintenanceList(view, facts)} ${view.instances.length > 0 && maintenanceForm(view, facts, typed)}
  </section>`;
