import type { InstanceRollout } from "../../../shared/flags/describe-rollout.ts";
import type { Flag } from "../../../shared/flags/flag.ts";
import { rolloutOf } from "../../../shared/flags/roll-out.ts";
import { formTokenField } from "../action-form.ts";
import type { Flash } from "../fleet-page.ts";
import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import { stateIcon } from "../state-icon.ts";
import { flashNotice } from "../tools/tools-list.ts";
import { counted, elementId, when } from "../words.ts";
import { flagAddress, kindOf, rolloutWords, servedText } from "./flag-words.ts";

export interface FlagsListFacts {
  readonly revision: number;
  readonly flags: readonly Flag[];
  readonly instances: readonly InstanceRollout[];
  readonly formToken: string;
  readonly nowMilliseconds: number;
  readonly flash?: Flash | undefined;
  /** What was typed into the form of a new flag that was refused. */
  readonly typed?: Readonly<Record<string, string>> | undefined;
}

/** Sets the share of tenants; also on the flag's own page. */
export const rollForm = (flag: Flag, formToken: string): Html => {
  const id = elementId("roll", flag.key);
  return html`<form method="post" action="/admin/flags-actions/roll" class="row">
    ${formTokenField(formToken)}<input type="hidden" name="key" value="${flag.key}" />
    <input type="hidden" name="revision" value="${flag.revision}" />
    <label for="${id}" class="visually-hidden">Percent of tenants for ${flag.key}</label>
    <input
      id="${id}"
      name="percentage"
      type="number"
      min="0"
      max="100"
      step="0.01"
      required
      value="${rolloutOf(flag)?.percentage ?? 0}"
    />
    <button class="quiet compact">Roll to %<span class="visually-hidden"> ${flag.key}</span></button>
  </form>`;
};

export const killOrRestore = ({ key, killed, revision }: Flag, formToken: string): Html =>
  killed
    ? html`<form method="post" action="/admin/flags-actions/restore">
        ${formTokenField(formToken)}<input type="hidden" name="key" value="${key}" />
        <input type="hidden" name="revision" value="${revision}" />
        <button class="quiet compact">Restore<span class="visually-hidden"> ${key}</span></button>
      </form>`
    : html`<a class="button danger compact" href="${flagAddress(key)}/confirm/kill"
        >Kill…<span class="visually-hidden"> ${key}</span></a
      >`;

const flagRow = (flag: Flag, { formToken, nowMilliseconds }: FlagsListFacts): Html =>
  html`<tr role="row" id="${elementId("flag", flag.key)}">
    <th role="rowheader" scope="row"><a class="name" href="${flagAddress(flag.key)}">${flag.key}</a></th>
    <td role="cell" data-label="Kind">${kindOf(flag)}</td>
    <td role="cell" data-label="State">
      <span class="state">${stateIcon(flag.killed ? "failed" : "healthy")} ${flag.killed ? "Killed" : "Live"}</span>
    </td>
    <td role="cell" data-label="Rollout">${servedText(flag)}</td>
    <td role="cell" data-label="Revision">${flag.revision}</td>
    <td role="cell" data-label="Changed">${when(flag.updatedAt, nowMilliseconds)}</td>
    <td role="cell" data-label="Actions">
      <div class="row">${rollForm(flag, formToken)} ${killOrRestore(flag, formToken)}</div>
    </td>
  </tr>`;

const instanceRow = (rollout: InstanceRollout, nowMilliseconds: number): Html => {
  const { instanceId, state, revision, cause, failures, updatedAt } = rollout;
  const { word, icon } = rolloutWords[state];
  return html`<tr role="row" id="${elementId("rollout", instanceId)}">
    <th role="rowheader" scope="row">${instanceId}</th>
    <td role="cell" data-label="State"><span class="state is-${icon}">${stateIcon(icon)} ${word}</span></td>
    <td role="cell" data-label="Revision">${revision === 0 ? "None" : revision}</td>
    <td role="cell" data-label="Since">${updatedAt === null ? "Never" : when(updatedAt, nowMilliseconds)}</td>
    <td role="cell" data-label="Cause">
      ${cause === null ? "None" : html`${cause} <span class="small soft">(${counted(failures, "attempt", "attempts")})</span>`}
    </td>
  </tr>`;
};

const table = (caption: string, columns: readonly string[], rows: readonly Html[]): Html =>
  html`<table class="fleet wide" role="table">
    <caption class="visually-hidden">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows}
    </tbody>
  </table>`;

const flagColumns = ["Flag", "Kind", "State", "Rollout", "Revision", "Changed", "Actions"];
const instanceColumns = ["Instance", "State", "Revision", "Since", "Cause"];

const newFlagForm = ({ formToken, typed = {} }: FlagsListFacts): Html =>
  html`<section class="card stack" aria-labelledby="new-flag">
    <h2 id="new-flag">New flag</h2>
    <p class="small soft">It is on or off, and off for everybody until it is rolled out. Other kinds: the API.</p>
    <form method="post" action="/admin/flags-actions/create" class="fields" id="flag-form">
      ${formTokenField(formToken)}
      <div class="field">
        <label for="flag-key">Key</label>
        <input
          id="flag-key"
          name="key"
          required
          maxlength="63"
          pattern="[a-z][a-z0-9\\-]*"
          autocomplete="off"
          value="${typed["key"]}"
        />
      </div>
      <div class="field">
        <label for="flag-description">Description</label>
        <input
          id="flag-description"
          name="description"
          maxlength="500"
          autocomplete="off"
          value="${typed["description"]}"
        />
      </div>
      <button>Create the flag</button>
    </form>
  </section>`;

/** All flags, and what each instance has of them. */
export const flagsListPage = (facts: FlagsListFacts): Html => {
  const { flags, instances, revision, formToken, nowMilliseconds, flash } = facts;
  const flagRows = flags.map((flag) => flagRow(flag, facts));
  const rows = instances.map((instance) => instanceRow(instance, nowMilliseconds));
  return html`<h1>${counted(flags.length, "flag", "flags")}</h1>
    ${flashNotice(flash)}
    <section class="card stack" aria-label="Flags">
      ${flags.length === 0 ? html`<p class="soft">There is no flag yet.</p>` : table("Feature flags", flagColumns, flagRows)}
    </section>
    <section class="card stack" aria-labelledby="instances">
      <div class="row spread">
        <h2 id="instances">Instances</h2>
        <form method="post" action="/admin/flags-actions/publish">
          ${formTokenField(formToken)}<button class="quiet">Publish now</button>
        </form>
      </div>
      <p>The newest revision is <strong id="flags-revision">${revision}</strong>.</p>
      ${instances.length === 0 ? html`<p class="soft">No instance is in service.</p>` : table("Instances", instanceColumns, rows)}
    </section>
    ${newFlagForm(facts)}`;
};
