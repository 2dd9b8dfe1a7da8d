import type { FleetView } from "../../shared/health/fleet-view.ts";
import type { Region } from "../../shared/instances/instance.ts";
import { fleetTable } from "./fleet-table.ts";
import type { Typed } from "./forms.ts";
import { maintenanceSection, provisionForm } from "./forms.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { PageFacts } from "./page-facts.ts";
import { incidentSection, operationSection, summary } from "./sections.ts";
import { when } from "./words.ts";

/** Something to say above everything else: what was done, or why it was not. */
export interface Flash {
  readonly isGood: boolean;
  readonly text: string;
}

export interface FleetPage {
  readonly view: FleetView;
  readonly formToken: string;
  readonly defaultRegion: Region;
  readonly flash?: Flash | undefined;
  readonly typed?: Typed;
}

/** The dashboard's content. `#fleet` is what the page's script replaces; what stands around it is the script's own. */
export const fleetPage = ({ view, formToken, defaultRegion, flash, typed = {} }: FleetPage): Html => {
  const nowMilliseconds = Date.parse(view.generatedAt);
  const facts: PageFacts = { nowMilliseconds, formToken };
  return html`<div class="row spread">
      <h1>Fleet</h1>
      <p id="live" class="row small" data-now="${view.generatedAt}">
        <span id="live-state">As of ${when(view.generatedAt, nowMilliseconds)}.</span>
        <a id="reload" class="button quiet compact" href="/admin?span=${view.span}">Reload</a>
        <button id="pause" class="quiet compact" type="button" aria-pressed="false" hidden>Pause updates</button>
      </p>
    </div>
    <div id="fleet">
      ${
        flash !== undefined &&
        html`<p class="notice ${flash.isGood ? "good" : "bad"}" id="flash" ${!flash.isGood && html`role="alert"`}>
          ${flash.text}
        </p>`
      }
      ${summary(view, facts)} ${fleetTable(view, facts)}
      <div class="columns">${incidentSection(view, facts)} ${operationSection(view, facts)}</div>
      <div class="columns">${provisionForm(defaultRegion)} ${maintenanceSection(view, facts, typed)}</div>
    </div>`;
};
