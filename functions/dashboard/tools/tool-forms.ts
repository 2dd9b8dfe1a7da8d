import type { Category } from "../../../shared/tools/category.ts";
import type { Evaluation, Tool, ToolVersion } from "../../../shared/tools/tool.ts";
import { newestFirst } from "../../../shared/tools/tool.ts";
import { formTokenField } from "../action-form.ts";
import type { Flash } from "../fleet-page.ts";
import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import { when } from "../words.ts";
import { flashNotice, statusWords, toolAddress } from "./tools-list.ts";

export type Typed = Readonly<Record<string, string>>;

interface FormFacts {
  readonly formToken: string;
  readonly categories: readonly Category[];
  readonly typed: Typed;
}

const field = (name: string, label: string, value: string | undefined, more: Html | false = false): Html =>
  html`<div class="field">
    <label for="tool-${name}">${label}</label>
    <input id="tool-${name}" name="${name}" value="${value}" autocomplete="off" ${more} />
  </div>`;

const typedOf = (tool: Tool): Typed => ({
  name: tool.name,
  slug: tool.slug,
  description: tool.description,
  category: tool.category ?? "",
  homepage: tool.homepage ?? "",
  repository: tool.repository ?? "",
  license: tool.license ?? "",
  tags: tool.tags.join(", "),
});

const toolForm = (action: string, button: string, hidden: Typed, { formToken, categories, typed }: FormFacts): Html =>
  html`<form method="post" action="/admin/tools-actions/${action}" class="stack" id="tool-form">
    ${formTokenField(formToken)}
    ${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <div class="fields">
      ${field("name", "Name", typed["name"], html`required maxlength="120"`)}
      ${field("slug", "Slug (its address)", typed["slug"], html`required maxlength="80" pattern="[a-z0-9]+(-[a-z0-9]+)*"`)}
      <div class="field">
        <label for="tool-category">Category</label>
        <select id="tool-category" name="category">
          <option value="">None</option>
          ${categories.map(
            ({ id, name }) =>
              html`<option value="${id}" ${id === typed["category"] && html`selected`}>${name} (${id})</option>`,
          )}
        </select>
      </div>
      ${field("license", "License", typed["license"], html`maxlength="60"`)}
      ${field("homepage", "Homepage", typed["homepage"], html`type="url" maxlength="500"`)}
      ${field("repository", "Repository", typed["repository"], html`type="url" maxlength="500"`)}
      ${field("tags", "Tags, with commas between them", typed["tags"])}
    </div>
    <div class="field">
      <label for="tool-description">Description</label>
      <textarea id="tool-description" name="description" rows="6" maxlength="10000">${typed["description"]}</textarea>
    </div>
    <p class="row"><button>${button}</button> <a class="button quiet" href="/admin/tools">Back to the list</a></p>
  </form>`;

export const newToolPage = (facts: FormFacts & { readonly flash?: Flash | undefined }): Html =>
  html`<h1>New tool</h1>
    ${flashNotice(facts.flash)}
    <section class="card stack" aria-label="New tool">${toolForm("create", "Create a draft", {}, facts)}</section>`;

const removal = (action: string, fields: Typed, about: string, formToken: string): Html =>
  html`<form method="post" action="/admin/tools-actions/${action}">
    ${formTokenField(formToken)}
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button class="quiet compact">Remove<span class="visually-hidden"> ${about}</span></button>
  </form>`;

const versionsSection = (tool: Tool, versions: readonly ToolVersion[], formToken: string): Html =>
  html`<section class="card stack" aria-labelledby="versions">
    <h2 id="versions">Versions</h2>
    ${versions.length === 0 && html`<p class="soft">No version is known.</p>`}
    <ul class="items">
      ${newestFirst(versions).map(
        ({ version, releasedAt, notes }) =>
          html`<li class="item">
            <div class="grow">
              <p>
                <strong>${version}</strong> <span class="small soft">${releasedAt?.slice(0, 10) ?? "no date"}</span>
              </p>
              ${notes !== "" && html`<p class="cause">${notes}</p>`}
            </div>
            ${removal("remove-version", { id: tool.id, version }, `version ${version}`, formToken)}
          </li>`,
      )}
    </ul>
    <form method="post" action="/admin/tools-actions/add-version" class="fields" id="version-form">
      ${formTokenField(formToken)}<input type="hidden" name="id" value="${tool.id}" />
      ${field("version", "Version", "", html`required maxlength="100"`)}
      ${field("releasedAt", "Released", "", html`type="date"`)} ${field("notes", "Notes", "", html`maxlength="10000"`)}
      <button>Add the version</button>
    </form>
  </section>`;

const scoresText = (scores: Readonly<Record<string, number>>): string =>
  Object.entries(scores)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

const evaluationsSection = (tool: Tool, evaluations: readonly Evaluation[], formToken: string): Html =>
  html`<section class="card stack" aria-labelledby="evaluations">
    <h2 id="evaluations">AI evaluations</h2>
    ${evaluations.length === 0 && html`<p class="soft">No model has evaluated this tool.</p>`}
    <ul class="items">
      ${evaluations.map(
        ({ id, model, date, scores, summary, source }) =>
          html`<li class="item">
            <div class="grow">
              <p><strong>${model}</strong> <span class="small soft">${date}</span> ${scoresText(scores)}</p>
              ${summary !== "" && html`<p class="cause">${summary}</p>`}
              ${source !== "" && html`<p class="small soft">${source}</p>`}
            </div>
            ${removal("remove-evaluation", { id: tool.id, evaluationId: id }, `the evaluation by ${model}`, formToken)}
          </li>`,
      )}
    </ul>
    <form method="post" action="/admin/tools-actions/add-evaluation" class="fields" id="evaluation-form">
      ${formTokenField(formToken)}<input type="hidden" name="id" value="${tool.id}" />
      ${field("model", "Model", "", html`required maxlength="120"`)}
      ${field("date", "Date", "", html`type="date" required`)}
      ${field("scores", "Scores, such as: safety 90, docs 75", "")}
      ${field("source", "Source", "", html`maxlength="500"`)}
      ${field("summary", "Summary", "", html`maxlength="10000"`)}
      <button>Add the evaluation</button>
    </form>
  </section>`;

export interface ToolDetail {
  readonly tool: Tool;
  readonly versions: readonly ToolVersion[];
  readonly evaluations: readonly Evaluation[];
  readonly categories: readonly Category[];
  readonly formToken: string;
  readonly nowMilliseconds: number;
  readonly flash?: Flash | undefined;
  /** What was typed into a form that was refused. */
  readonly typed?: Typed | undefined;
}

/** One tool: what it is, the form to change it, its versions and evaluations. */
export const toolDetailPage = (detail: ToolDetail): Html => {
  const { tool, versions, evaluations, formToken, nowMilliseconds, flash, typed } = detail;
  const wish = tool.status === "draft" ? "publish" : "unpublish";
  const hidden = { id: tool.id, revision: typed?.["revision"] ?? String(tool.revision) };
  return html`<div class="row spread">
      <h1>${tool.name}</h1>
      <p class="row">
        <span class="badge">${statusWords[tool.status]}</span>
        <a class="button" href="${toolAddress(tool.id)}/confirm/${wish}"
          >${wish === "publish" ? "Publish…" : "Unpublish…"}</a
        >
      </p>
    </div>
    ${flashNotice(flash)}
    <section class="card stack" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <p class="small soft">
        Revision ${tool.revision}, changed
        ${when(tool.updatedAt, nowMilliseconds)}${
          tool.origin !== null && html`, migrated from the record ${tool.origin.recordId} of ${tool.origin.source}`
        }
      </p>
      ${toolForm("save", "Save", hidden, { ...detail, typed: typed ?? typedOf(tool) })}
    </section>
    <div class="columns">
      ${versionsSection(tool, versions, formToken)} ${evaluationsSection(tool, evaluations, formToken)}
    </div>`;
};

/** Asks before everybody sees a tool, or nobody does any more. */
export const confirmStatusPage = (tool: Tool, wish: "publish" | "unpublish", formToken: string): Html => {
  const what =
    wish === "publish" ? "Everybody will see it from then on." : "Nobody but operators will see it any more.";
  return html`<section class="card stack">
    <h1>${wish === "publish" ? "Publish" : "Unpublish"} ${tool.name}?</h1>
    <p>${what}</p>
    <form method="post" action="/admin/tools-actions/${wish}" class="row">
      ${formTokenField(formToken)}
      <input type="hidden" name="id" value="${tool.id}" />
      <input type="hidden" name="revision" value="${tool.revision}" />
      <button class="${wish === "unpublish" && "danger"}">${wish === "publish" ? "Publish it" : "Unpublish it"}</button>
      <a class="button quiet" href="${toolAddress(tool.id)}">No, go back</a>
    </form>
  </section>`;
};
