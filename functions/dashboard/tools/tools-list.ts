import type { FacetValue } from "../../../shared/tools/facets.ts";
import type { ToolPage, ToolQuery } from "../../../shared/tools/search-tools.ts";
import type { ToolSummary } from "../../../shared/tools/warm-catalog.ts";
import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { Flash } from "../fleet-page.ts";
import { counted, when } from "../words.ts";

export const toolAddress = (id: string): string => `/admin/tools/${encodeURIComponent(id)}`;

/** The list's address with some of the query changed; every change but paging begins at the first page. */
const addressOf = (query: ToolQuery, change: Partial<Record<keyof ToolQuery, string | undefined>>): string => {
  const { q, category, tag, license, status, sort } = query;
  const wanted = { q, category, tag, license, status, sort, ...change };
  const given = Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value] as const],
  );
  return `/admin/tools?${new URLSearchParams(given.map(([name, value]) => [name, value])).toString()}`;
};

export const flashNotice = (flash: Flash | undefined): Html | false =>
  flash !== undefined &&
  html`<p class="notice ${flash.isGood ? "good" : "bad"}" id="flash" ${!flash.isGood && html`role="alert"`}>
    ${flash.text}
  </p>`;

export const statusWords = { draft: "Draft", published: "Published" } as const;

const row = ({ id, name, slug, summary, category, license, status, updatedAt }: ToolSummary, now: number): Html =>
  html`<tr role="row">
    <th role="rowheader" scope="row"><a class="name" href="${toolAddress(id)}">${name}</a></th>
    <td role="cell" data-label="Status"><span class="badge">${statusWords[status]}</span></td>
    <td role="cell" data-label="Category">${category ?? "None"}</td>
    <td role="cell" data-label="License">${license ?? "Not known"}</td>
    <td role="cell" data-label="Description">
      <div class="cell"><span class="cause">${summary}</span><span class="small soft">${slug}</span></div>
    </td>
    <td role="cell" data-label="Changed">${when(updatedAt, now)}</td>
  </tr>`;

const columns = ["Tool", "Status", "Category", "License", "Description", "Changed"] as const;

const table = ({ tools }: ToolPage, now: number): Html =>
  tools.length === 0
    ? html`<p class="soft">No tool matches.</p>`
    : html`<table class="fleet wide" role="table">
        <caption class="visually-hidden">
          Tools of the catalog
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${tools.map((tool) => row(tool, now))}
        </tbody>
      </table>`;

const facetNames = { status: "Status", category: "Category", tag: "Tag", license: "License" } as const;
const shownMax = 12;

const facet = (name: keyof typeof facetNames, values: readonly FacetValue[], query: ToolQuery): Html | false => {
  const chosen = query[name];
  if (chosen !== undefined) {
    return html`<li class="row">
      ${facetNames[name]}: <strong>${chosen}</strong>
      <a class="button quiet compact" href="${addressOf(query, { [name]: undefined })}"
        >Remove<span class="visually-hidden"> the filter ${facetNames[name]} ${chosen}</span></a
      >
    </li>`;
  }
  return (
    values.length > 0 &&
    html`<li>
      <details>
        <summary>${facetNames[name]}</summary>
        <ul class="runs">
          ${values
            .slice(0, shownMax)
            .map(
              ({ value, count }) =>
                html`<li><a href="${addressOf(query, { [name]: value })}">${value}</a> ${count}</li>`,
            )}
        </ul>
      </details>
    </li>`
  );
};

const searchForm = (query: ToolQuery): Html =>
  html`<form method="get" action="/admin/tools" class="fields" role="search">
    <div class="field">
      <label for="q">Search</label>
      <input id="q" name="q" type="search" maxlength="200" value="${query.q}" autocomplete="off" />
    </div>
    ${(["status", "category", "tag", "license"] as const).map(
      (name) => query[name] !== undefined && html`<input type="hidden" name="${name}" value="${query[name]}" />`,
    )}
    <div class="field">
      <label for="sort">Order</label>
      <select id="sort" name="sort">
        ${[
          ["", "Best match, else by name"],
          ["name", "Name"],
          ["updated", "Last changed first"],
        ].map(
          ([value, label]) =>
            html`<option value="${value}" ${value === (query.sort ?? "") && html`selected`}>${label}</option>`,
        )}
      </select>
    </div>
    <button>Search</button>
  </form>`;

export interface ToolsListPage {
  readonly page: ToolPage;
  readonly query: ToolQuery;
  readonly nowMilliseconds: number;
  readonly flash?: Flash | undefined;
}

/** The catalog as operators see it: search, facets, one page of tools. */
export const toolsListPage = ({ page, query, nowMilliseconds, flash }: ToolsListPage): Html =>
  html`<div class="row spread">
      <h1>Tools</h1>
      <p class="row">
        <a class="button" href="/admin/tools/new">New tool</a>
        <a class="button quiet" href="/admin/tools/import">Import and export</a>
      </p>
    </div>
    ${flashNotice(flash)}
    <section class="card stack" aria-label="Search and filters">
      ${searchForm(query)}
      <ul class="items">
        ${(["status", "category", "tag", "license"] as const).map((name) => facet(name, page.facets[name], query))}
      </ul>
    </section>
    <section class="card stack" aria-labelledby="found">
      <h2 id="found">${counted(page.total, "tool", "tools")}</h2>
      ${page.isTruncated && html`<p class="notice warn">There are more tools than are shown here.</p>`}
      ${table(page, nowMilliseconds)}
      ${
        page.next !== null &&
        html`<p><a class="button quiet" rel="next" href="${addressOf(query, { after: page.next })}">Next page</a></p>`
      }
    </section>`;
