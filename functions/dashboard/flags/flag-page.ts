import type { Evaluation } from "../../../shared/flags/evaluate-flag.ts";
import type { FlagChange } from "../../../shared/flags/flag-store.ts";
import type { Flag } from "../../../shared/flags/flag.ts";
import { fieldsOf } from "../../../shared/flags/roll-out.ts";
import { formTokenField } from "../action-form.ts";
import type { Flash } from "../fleet-page.ts";
import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import { flashNotice } from "../tools/tools-list.ts";
import { when } from "../words.ts";
import { flagAddress, kindOf, servedText } from "./flag-words.ts";
import { killOrRestore, rollForm } from "./flags-list.ts";

/** A question and its answer, as the form put them into the address. */
export interface TriedOut {
  readonly tenantId: string;
  readonly plan: string;
  readonly evaluation?: Evaluation | undefined;
}

export interface FlagFacts {
  readonly flag: Flag;
  readonly changes: readonly FlagChange[];
  readonly triedOut: TriedOut;
  readonly formToken: string;
  readonly nowMilliseconds: number;
  readonly flash?: Flash | undefined;
}

const changeWords: Readonly<Record<FlagChange["action"], string>> = {
  create: "created it",
  update: "changed it",
  kill: "killed it",
  restore: "restored it",
  archive: "archived it",
  apply: "sent it",
};

const historySection = ({ changes, nowMilliseconds }: FlagFacts): Html =>
  html`<section class="card stack" aria-labelledby="history">
    <h2 id="history">History</h2>
    <ol class="items" reversed>
      ${changes.map(
        ({ by, action, at, revision, after }) =>
          html`<li class="item">
            <div class="grow">
              <p>${by} ${changeWords[action]} ${when(at, nowMilliseconds)}</p>
              <p class="small soft">Revision ${revision}${after !== null && html`: ${servedText(after)}`}</p>
            </div>
          </li>`,
      )}
    </ol>
  </section>`;

const plans = ["free", "pro", "enterprise"];

const answerText = ({ value, variant, reason, errorCode }: Evaluation): string =>
  variant === undefined ? `No value: ${errorCode ?? reason}` : `${variant} = ${JSON.stringify(value)} (${reason})`;

const tryOutSection = ({ flag, triedOut }: FlagFacts): Html =>
  html`<section class="card stack" aria-labelledby="try-out">
    <h2 id="try-out">Try it out</h2>
    <form method="get" action="${flagAddress(flag.key)}" class="fields">
      <div class="field">
        <label for="tenant-id">Tenant's id</label>
        <input
          id="tenant-id"
          name="tenantId"
          maxlength="40"
          pattern="[a-z0-9]{15,40}"
          autocomplete="off"
          value="${triedOut.tenantId}"
        />
      </div>
      <div class="field">
        <label for="plan">Plan</label>
        <select id="plan" name="plan">
          <option value="">The tenant's own</option>
          ${plans.map((plan) => html`<option ${plan === triedOut.plan && html`selected`}>${plan}</option>`)}
        </select>
      </div>
      <button class="quiet">Evaluate</button>
    </form>
    ${triedOut.evaluation !== undefined && html`<p id="evaluation">${answerText(triedOut.evaluation)}</p>`}
  </section>`;

/** One flag: what it serves, what it would serve to somebody, and who changed it. */
export const flagPage = (facts: FlagFacts): Html => {
  const { flag, formToken, nowMilliseconds, flash } = facts;
  return html`<div class="row spread">
      <h1>${flag.key}</h1>
      <div class="row">
        <span class="badge ${flag.killed && "bad"}">${flag.killed ? "Killed" : "Live"}</span>
        ${killOrRestore(flag, formToken)}
        <a class="button quiet compact" href="${flagAddress(flag.key)}/confirm/archive">Archive…</a>
      </div>
    </div>
    ${flashNotice(flash)}
    <section class="card stack" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      ${flag.description !== "" && html`<p>${flag.description}</p>`}
      <p>${kindOf(flag)}. ${servedText(flag)}.</p>
      <p class="small soft">Revision ${flag.revision}, changed ${when(flag.updatedAt, nowMilliseconds)}</p>
      ${rollForm(flag, formToken)}
      <details>
        <summary>Definition</summary>
        <pre class="small cause">${JSON.stringify(fieldsOf(flag), null, 2)}</pre>
      </details>
    </section>
    <div class="columns">${tryOutSection(facts)} ${historySection(facts)}</div>
    <p><a class="button quiet" href="/admin/flags">Back to the list</a></p>`;
};

const questions = {
  kill: (flag: Flag) => `Everybody gets ${flag.off} at once, on every instance. You can restore it later.`,
  archive: () => "It is evaluated nowhere any more, and its key is never used again. This cannot be undone.",
} as const;
const buttons = { kill: "Kill it", archive: "Archive it" } as const;
export type AskedAction = keyof typeof questions;

export const isAskedAction = (name: string): name is AskedAction => Object.hasOwn(questions, name);

/** Asks before everybody loses something. */
export const confirmFlagPage = (flag: Flag, action: AskedAction, formToken: string): Html =>
  html`<section class="card stack">
    <h1>${action === "kill" ? "Kill" : "Archive"} ${flag.key}?</h1>
    <p>${questions[action](flag)}</p>
    <form method="post" action="/admin/flags-actions/${action}" class="row">
      ${formTokenField(formToken)}<input type="hidden" name="key" value="${flag.key}" />
      <input type="hidden" name="revision" value="${flag.revision}" />
      <button class="danger">${buttons[action]}</button>
      <a class="button quiet" href="/admin/flags">No, go back</a>
    </form>
  </section>`;
