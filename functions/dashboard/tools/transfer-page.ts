import type { ImportReport } from "../../../shared/tools/import-tools.ts";
import { formTokenField } from "../action-form.ts";
import type { Flash } from "../fleet-page.ts";
import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import { counted } from "../words.ts";
import { flashNotice } from "./tools-list.ts";

const findingsShownMax = 200;

const reportSection = ({ isDryRun, created, updated, unchanged, refused, findings }: ImportReport): Html =>
  html`<section class="card stack" aria-labelledby="report">
    <h2 id="report">${isDryRun ? "What the import would do" : "What the import did"}</h2>
    <p id="import-counts">
      ${created} created, ${updated} updated, ${unchanged} unchanged, ${counted(refused, "row", "rows")} refused.
    </p>
    ${
      findings.length > 0 &&
      html`<table class="wide">
        <caption class="visually-hidden">
          Findings by row
        </caption>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Column</th>
            <th scope="col">Finding</th>
          </tr>
        </thead>
        <tbody>
          ${findings.slice(0, findingsShownMax).map(
            ({ row, column, message }) =>
              html`<tr>
                <td>${row}</td>
                <td>${column ?? ""}</td>
                <td>${message}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
    }
  </section>`;

interface TransferPage {
  readonly formToken: string;
  readonly report?: ImportReport | undefined;
  readonly flash?: Flash | undefined;
}

/** Files in and out. */
export const transferPage = ({ formToken, report, flash }: TransferPage): Html =>
  html`<div class="row spread">
      <h1>Import and export</h1>
      <a class="button quiet" href="/admin/tools">Back to the list</a>
    </div>
    ${flashNotice(flash)} ${report !== undefined && reportSection(report)}
    <div class="columns">
      <section class="card stack" aria-labelledby="import">
        <h2 id="import">Import</h2>
        <p>A CSV or JSON file of up to 1 MB, as the export writes it. Tools are recognised by their slugs.</p>
        <form method="post" action="/admin/tools/import" enctype="multipart/form-data" class="stack">
          ${formTokenField(formToken)}
          <div class="field">
            <label for="file">File</label>
            <input id="file" name="file" type="file" accept=".csv,.json,text/csv,application/json" required />
          </div>
          <p class="row">
            <button name="dryRun" value="true" class="quiet">Try it out</button>
            <button name="dryRun" value="false">Import</button>
          </p>
        </form>
      </section>
      <section class="card stack" aria-labelledby="export">
        <h2 id="export">Export</h2>
        <p>CSV holds the tools for a spreadsheet; JSON also their categories, versions and evaluations.</p>
        <p class="row">
          <a class="button quiet" href="/admin/tools/export?format=csv" download>Tools as CSV</a>
          <a class="button quiet" href="/admin/tools/export?format=json" download>Everything as JSON</a>
        </p>
      </section>
    </div>`;
