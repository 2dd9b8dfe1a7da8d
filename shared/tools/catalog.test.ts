import { beforeEach, describe, expect, test } from "vitest";
import { miniSearchWordIndex } from "../adapters/minisearch/word-index.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import type { DocumentStore } from "../documents/document-store.ts";
import { openCatalogStore } from "./catalog-store.ts";
import { categoryTree } from "./category.ts";
import { makeEditCategory } from "./edit-category.ts";
import { makeEditToolParts } from "./edit-tool-parts.ts";
import { makeEditTool } from "./edit-tool.ts";
import { makeSearchTools, ToolQuery } from "./search-tools.ts";
import { coerceVersion, newestFirst, ToolFields, ToolVersionFields } from "./tool.ts";
import { slugOf } from "./text.ts";
import { makeWarmCatalogs } from "./warm-catalog.ts";

let documents: DocumentStore;
let now = 0;
let ids = 0;
beforeEach(() => {
  documents = sqliteDocumentStore(":memory:");
  now = Date.parse("2026-01-01T00:00:00Z");
  ids = 0;
});

const clock = (): Date => new Date(now);

/** One worker of the platform: its own memory, the common store. */
const aWorker = (toolsMax?: number) => {
  const catalog = openCatalogStore(documents);
  const deps = { catalog, clock, newId: () => `tool-${(ids += 1)}` };
  const warm = makeWarmCatalogs({ ...deps, newWordIndex: miniSearchWordIndex, ...(toolsMax ? { toolsMax } : {}) });
  const search = makeSearchTools({ warm });
  return {
    catalog,
    warm,
    edit: makeEditTool(deps),
    parts: makeEditToolParts(deps),
    categories: makeEditCategory(deps),
    search: (query: object = {}) => search(ToolQuery.parse(query)),
  };
};

const fields = (name: string, more: object = {}) => ToolFields.parse({ name, slug: slugOf(name), ...more });
const category = (id: string, parent: string | null = null) => ({
  id,
  name: id.toUpperCase(),
  description: "",
  parent,
});

describe("tools", () => {
  test("begin as drafts of revision 1, and every change makes the next one", async () => {
    const { edit } = aWorker();
    const tool = await edit.create(fields("Grafana"));
    expect(tool).toMatchObject({ slug: "grafana", status: "draft", revision: 1, publishedAt: null });
    now += 1_000;
    const published = await edit.setStatus(tool.id, 1, "published");
    expect(published).toMatchObject({ revision: 2, publishedAt: "2026-01-01T00:00:01.000Z" });
    expect(await edit.setStatus(tool.id, 2, "published")).toEqual(published);
    const withdrawn = await edit.setStatus(tool.id, 2, "draft");
    expect(withdrawn).toMatchObject({ revision: 3, publishedAt: published.publishedAt });
  });

  test("are not overwritten by whoever read an older revision", async () => {
    const { edit } = aWorker();
    const { id } = await edit.create(fields("Grafana"));
    const both = await Promise.allSettled([
      edit.update(id, 1, { description: "one" }),
      edit.update(id, 1, { description: "two" }),
    ]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(edit.update(id, 1, { name: "x" })).rejects.toMatchObject({ code: "precondition-failed" });
    await expect(edit.update("nobody", 1, {})).rejects.toMatchObject({ code: "not-found" });
  });

  test("have slugs of their own, also when many want the same one at once", async () => {
    const { edit, catalog } = aWorker();
    const many = await Promise.allSettled(Array.from({ length: 10 }, () => edit.create(fields("Same Name"))));
    expect(many.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(many.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "slug-taken" } });
    expect((await catalog.findBySlug("same-name"))?.value.name).toBe("Same Name");
  });

  test("let their old slug go when they take another one", async () => {
    const { edit, catalog } = aWorker();
    const one = await edit.create(fields("One"));
    const two = await edit.create(fields("Two"));
    await expect(edit.update(two.id, 1, { slug: "one" })).rejects.toMatchObject({ code: "slug-taken" });
    await edit.update(one.id, 1, { slug: "first" });
    expect(await catalog.findBySlug("one")).toBeUndefined();
    await edit.update(two.id, 1, { slug: "one" });
    expect((await catalog.findBySlug("one"))?.value.id).toBe(two.id);
  });

  test("a slug that a crash left without a tool is free after a minute", async () => {
    const { edit, catalog } = aWorker();
    await catalog.slugs.create({ id: "lost", kind: "tool-slug", key: "crashed", updatedAt: clock().toISOString() });
    await expect(edit.create(fields("Lost"))).rejects.toMatchObject({ code: "slug-taken" });
    expect(await catalog.findBySlug("lost")).toBeUndefined();
    now += 61_000;
    expect(await edit.create(fields("Lost"))).toMatchObject({ slug: "lost" });
  });

  test("name categories that exist", async () => {
    const { edit, categories } = aWorker();
    const wanted = fields("Grafana", { category: "monitoring" });
    await expect(edit.create(wanted)).rejects.toMatchObject({ code: "invalid-input" });
    await categories.create(category("monitoring"));
    expect(await edit.create(wanted)).toMatchObject({ category: "monitoring" });
    await expect(categories.remove("monitoring", 1)).rejects.toMatchObject({ code: "conflict" });
  });

  test.each([
    [{ slug: "Grafana" }],
    [{ slug: "a--b" }],
    [{ name: " " }],
    [{ name: "a\u0000b" }],
    [{ description: "\ud800" }],
    [{ homepage: "javascript:alert(1)" }],
    [{ tags: ["Not A Slug"] }],
    [{ tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }],
    [{ extra: 1 }],
  ])("refuse %j", (bad) => {
    expect(ToolFields.safeParse({ name: "Good", slug: "good", ...bad }).success).toBe(false);
  });
});

describe("versions and evaluations", () => {
  test("belong to one tool, and a version exists once", async () => {
    const { edit, parts, catalog } = aWorker();
    const { id } = await edit.create(fields("Grafana"));
    const other = await edit.create(fields("Grafana Loki"));
    for (const version of ["1.9.0", "1.10.0", "1.10.0-rc.1"]) {
      await parts.addVersion(id, ToolVersionFields.parse({ version }));
    }
    await parts.addVersion(other.id, ToolVersionFields.parse({ version: "1.9.0" }));
    await expect(parts.addVersion(id, ToolVersionFields.parse({ version: "1.9.0" }))).rejects.toMatchObject({
      code: "conflict",
    });
    const versions = newestFirst(await catalog.versionsOf(id)).map(({ version }) => version);
    expect(versions).toEqual(["1.10.0", "1.10.0-rc.1", "1.9.0"]);
    await parts.removeVersion(id, "1.9.0");
    expect(await catalog.versionsOf(other.id)).toHaveLength(1);
    const evaluation = { model: "some-model", date: "2026-01-02", scores: { safety: 91.5 }, summary: "", source: "" };
    const { id: evaluationId } = await parts.addEvaluation(id, evaluation);
    await expect(parts.removeEvaluation(other.id, evaluationId)).rejects.toMatchObject({ code: "not-found" });
    expect(await catalog.evaluationsOf(id)).toMatchObject([evaluation]);
  });

  test.each(["v1.0.0", "1.0", "", "1.0.0 ", "latest"])("%j is no version", (version) => {
    expect(ToolVersionFields.safeParse({ version }).success).toBe(false);
  });

  test.each([
    ["v1.2", "1.2.0"],
    [" 1.2.3-beta.1 ", "1.2.3-beta.1"],
    ["latest", undefined],
  ])("%j is taken for %j", (written, version) => expect(coerceVersion(written)).toBe(version));
});

describe("categories", () => {
  test("are a tree without circles, five levels deep", async () => {
    const { categories, catalog } = aWorker();
    for (const [id, parent] of [
      ["a", null],
      ["b", "a"],
      ["c", "b"],
      ["d", "c"],
      ["e", "d"],
    ] as const) {
      await categories.create(category(id, parent));
    }
    await expect(categories.create(category("f", "e"))).rejects.toMatchObject({ code: "invalid-input" });
    await expect(categories.create(category("g", "nowhere"))).rejects.toMatchObject({ code: "invalid-input" });
    await expect(categories.create(category("a"))).rejects.toMatchObject({ code: "conflict" });
    await expect(categories.update("a", 1, { parent: "e" })).rejects.toMatchObject({ code: "invalid-input" });
    await expect(categories.update("a", 1, { parent: "a" })).rejects.toMatchObject({ code: "invalid-input" });
    expect(categoryTree(await catalog.allCategories())).toMatchObject([{ id: "a", children: [{ id: "b" }] }]);
    await expect(categories.remove("d", 1)).rejects.toMatchObject({ code: "conflict" });
    await categories.remove("e", 1);
  });
});

describe("the search", () => {
  const some = async () => {
    const worker = aWorker();
    await worker.categories.create(category("monitoring"));
    await worker.categories.create(category("logs", "monitoring"));
    const add = async (name: string, more: object) => {
      const { id } = await worker.edit.create(fields(name, more));
      return worker.edit.setStatus(id, 1, "published");
    };
    await add("Grafana", { category: "monitoring", tags: ["charts"], license: "AGPL-3.0" });
    await add("Loki", { category: "logs", tags: ["logs"], license: "AGPL-3.0", description: "Logs for Grafana" });
    await add("Café Éclair", { tags: ["fun"] });
    await worker.edit.create(fields("Draft Thing"));
    return worker;
  };
  const names = async (found: Promise<{ readonly tools: readonly { readonly name: string }[] }>) =>
    (await found).tools.map(({ name }) => name);

  test("finds words in names first, their beginnings, one typing error, and no matter which marks", async () => {
    const { search } = await some();
    expect(await names(search({ q: "grafana" }))).toEqual(["Grafana", "Loki"]);
    expect(await names(search({ q: "graf" }))).toEqual(["Grafana", "Loki"]);
    expect(await names(search({ q: "garfana" }))).toEqual([]);
    expect(await names(search({ q: "grafena" }))).toEqual(["Grafana", "Loki"]);
    expect(await names(search({ q: "CAFE eclair" }))).toEqual(["Café Éclair"]);
    expect(await names(search({ q: '((( " *' }))).toEqual([]);
  });

  test("filters, also by a category with all below it, and counts what it found", async () => {
    const { search } = await some();
    expect(await names(search({ category: "monitoring" }))).toEqual(["Grafana", "Loki"]);
    expect(await names(search({ category: "logs", tag: "logs" }))).toEqual(["Loki"]);
    expect(await names(search({ category: "none", status: "published" }))).toEqual(["Café Éclair"]);
    expect((await search({ license: "AGPL-3.0" })).facets.category).toEqual([
      { value: "logs", count: 1 },
      { value: "monitoring", count: 1 },
    ]);
    expect((await search()).facets.status).toEqual([
      { value: "published", count: 3 },
      { value: "draft", count: 1 },
    ]);
  });

  test("pages without repeating or hiding anything while tools come and go", async () => {
    const { edit, search, warm } = aWorker();
    for (let index = 10; index < 40; index += 1) await edit.create(fields(`Tool ${index}`));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof search>> = await search({ limit: 7, ...(after === null ? {} : { after }) });
      seen.push(...page.tools.map(({ name }) => name));
      after = page.next;
      await edit.create(fields(`Tool 05 ${seen.length}`));
      warm.changed();
    } while (after !== null);
    expect(seen.filter((name) => !name.startsWith("Tool 05"))).toHaveLength(30);
    expect(new Set(seen).size).toBe(seen.length);
    await expect(search({ after: "nonsense" })).rejects.toMatchObject({ code: "invalid-input" });
    const { next } = await search({ limit: 1 });
    await expect(search({ sort: "updated", after: next ?? "" })).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("sees another worker's write a second later, and its own at once", async () => {
    const one = await some();
    const other = aWorker();
    expect((await other.search()).total).toBe(4);
    const tool = (await one.catalog.findBySlug("grafana"))?.value;
    await one.edit.update(tool?.id ?? "", 2, { name: "Grafana Renamed" });
    expect(await names(other.search({ q: "renamed" }))).toEqual([]);
    now += 1_000;
    expect(await names(other.search({ q: "renamed" }))).toEqual(["Grafana Renamed"]);
    await one.edit.update(tool?.id ?? "", 3, { name: "Grafana Again" });
    one.warm.changed();
    expect(await names(one.search({ q: "again" }))).toEqual(["Grafana Again"]);
  });

  test("keeps no more in memory than it may, and says so", async () => {
    await some();
    expect(await aWorker(2).search()).toMatchObject({ total: 2, isTruncated: true });
  });
});
