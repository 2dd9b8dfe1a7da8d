import type { HttpRequest, InvocationContext } from "@azure/functions";
import azure from "@azure/functions";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { aCatalog } from "../../tests/support/catalog.ts";
import { aCaller } from "../../tests/support/builders.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { operatorOnly } from "../http/read-caller.ts";
import { guardCell, unguardCell } from "./csv.ts";
import { toolsFunctions } from "./tools-functions.ts";

/** The members that tests look into; the others are compared as they are. */
const Body = z.looseObject({
  id: z.string().optional(),
  total: z.number().optional(),
  created: z.number().optional(),
  facets: z.record(z.string(), z.unknown()).optional(),
  tools: z.array(z.unknown()).optional(),
});

const context = { error: () => undefined } as unknown as InvocationContext;
let entries: readonly HttpFunction[] = [];
let isOperator = true;

beforeEach(() => {
  isOperator = true;
  let now = Date.parse("2026-01-01T00:00:00Z");
  const services = aCatalog(":memory:", () => new Date((now += 1)));
  const readOperator = operatorOnly(() => Promise.resolve(aCaller({ isOperator })));
  entries = toolsFunctions({ ...services, readOperator });
});

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const call = async (name: string, { params = {}, query = {}, headers = {}, body }: Sent = {}) => {
  const entry = entries.find((each) => each.name === name)!;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request: HttpRequest = new azure.HttpRequest({
    ...{ method: entry.method, url: `http://functions.internal/${entry.route}`, params, query },
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: { string: text } }),
  });
  const answer = await withErrorBoundary(entry)(request, context);
  const written = await new Response(answer.body as BodyInit | undefined).text();
  const etag = new Headers(answer.headers).get("etag") ?? "";
  return {
    status: answer.status,
    etag,
    text: written,
    body: Body.parse(written.startsWith("{") ? JSON.parse(written) : {}),
  };
};

const create = async (more: object = {}) => {
  const { body } = await call("create-tool", { body: { name: "Grafana", slug: "grafana", ...more } });
  return { toolId: String(body.id) };
};
const publish = (params: Record<string, string>) => call("publish-tool", { params, headers: { "if-match": '"1"' } });

describe("the public catalog", () => {
  test("shows published tools only, and 304 to whoever has them", async () => {
    const params = await create({ description: "Charts" });
    expect(await call("read-tool", { params: { slug: "grafana" } })).toMatchObject({ status: 404 });
    expect((await call("search-tools")).body).toMatchObject({ tools: [], total: 0 });
    expect(await publish(params)).toMatchObject({ status: 200, etag: '"2"' });
    const read = await call("read-tool", { params: { slug: "grafana" } });
    expect(read).toMatchObject({ status: 200, body: { name: "Grafana", versions: [], evaluations: [] } });
    expect(read.body).not.toHaveProperty("origin");
    const again = { params: { slug: "grafana" }, headers: { "if-none-match": read.etag } };
    expect(await call("read-tool", again)).toMatchObject({ status: 304, text: "" });
    const found = await call("search-tools", { query: { q: "charts" } });
    expect(found.body).toMatchObject({ tools: [{ slug: "grafana" }], total: 1, next: null });
    expect(found.body.facets).not.toHaveProperty("status");
    const unpublish = { params, headers: { "if-match": '"2"' } };
    expect(await call("unpublish-tool", unpublish)).toMatchObject({ status: 200 });
    expect(await call("read-tool", again)).toMatchObject({ status: 404 });
    expect((await call("search-tools")).body.total).toBe(0);
  });

  test.each([{ status: "draft" }, { limit: "0" }, { limit: "101" }, { sort: "price" }, { after: "x" }, { x: "1" }])(
    "refuses %j",
    async (query) => {
      expect(await call("search-tools", { query })).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    },
  );
});

describe("administration", () => {
  test("is for operators", async () => {
    isOperator = false;
    const closed = entries.filter(({ route }) => route.startsWith("api/admin/"));
    expect(closed).toHaveLength(20);
    for (const { name, method } of closed) {
      expect(await call(name, method === "GET" ? {} : { body: {} }), name).toMatchObject({ status: 403 });
    }
  });

  test("changes the revision that was read, and nothing that was not said", async () => {
    const params = await create({ description: "Charts", tags: ["b", "a"] });
    expect(await call("update-tool", { params, body: { name: "G" } })).toMatchObject({ status: 400 });
    const change = { params, headers: { "if-match": '"1"' }, body: { name: "Grafana 2" } };
    expect(await call("update-tool", change)).toMatchObject({
      ...{ status: 200, etag: '"2"' },
      body: { name: "Grafana 2", description: "Charts", tags: ["a", "b"], revision: 2 },
    });
    expect(await call("update-tool", change)).toMatchObject({ status: 412, body: { code: "precondition-failed" } });
    expect(await call("create-tool", { body: { name: "Other", slug: "grafana" } })).toMatchObject({
      ...{ status: 409, body: { code: "slug-taken", errors: [{ pointer: "/slug" }] } },
    });
    expect(await call("create-tool", { body: { name: "X", slug: "x", category: "none-such" } })).toMatchObject({
      ...{ status: 400, body: { errors: [{ pointer: "/category" }] } },
    });
  });

  test("knows versions and evaluations", async () => {
    const params = await create();
    expect(await call("add-tool-version", { params, body: { version: "1.0.0" } })).toMatchObject({ status: 201 });
    expect(await call("add-tool-version", { params, body: { version: "1.0.0" } })).toMatchObject({ status: 409 });
    const evaluation = { model: "m", date: "2026-01-01", scores: { safety: 101 } };
    expect(await call("add-tool-evaluation", { params, body: evaluation })).toMatchObject({ status: 400 });
    const good = { ...evaluation, scores: { safety: 90 } };
    const { body } = await call("add-tool-evaluation", { params, body: good });
    expect((await call("get-tool", { params })).body).toMatchObject({
      ...{ versions: [{ version: "1.0.0" }], evaluations: [{ id: body.id, scores: { safety: 90 } }] },
    });
    const evaluationId = String(body.id);
    expect(await call("remove-tool-evaluation", { params: { ...params, evaluationId } })).toMatchObject({
      status: 204,
    });
    expect(await call("remove-tool-version", { params: { ...params, version: "1.0.0" } })).toMatchObject({
      status: 204,
    });
  });
});

describe("import and export", () => {
  const csv = (body: string, dryRun = "false") =>
    call("import-tools", { query: { dryRun }, headers: { "content-type": "text/csv" }, body });
  const head = "slug,name,description,category,homepage,repository,license,tags,status";

  test("a CSV file is taken row by row, and the same file again changes nothing", async () => {
    await call("create-category", { body: { id: "ops", name: "Ops" } });
    const file = [
      head,
      'grafana,Grafana,"Charts, and\nmore",ops,https://grafana.com,,AGPL-3.0,b; a,published',
      "Bad Slug,X,,,,,,,",
      "lost,Lost,,nowhere,,,,,",
      "grafana,Twice,,,,,,,",
      "link,Link,,,javascript:alert(1),,,,",
    ].join("\n");
    const findings = [
      { row: 4, column: "slug" },
      { row: 5, column: "category", message: "There is no category nowhere." },
      { row: 6, column: "slug", message: "grafana stands in row 3 already." },
      { row: 7, column: "homepage" },
    ];
    const counts = { created: 1, updated: 0, unchanged: 0, refused: 4 };
    expect((await csv(file, "true")).body).toMatchObject({ ...counts, isDryRun: true, findings });
    expect((await call("search-tools")).body.total).toBe(0);
    expect((await csv(file)).body).toMatchObject({ ...counts, isDryRun: false, findings });
    expect((await csv(file)).body).toMatchObject({ created: 0, updated: 0, unchanged: 1, refused: 4 });
    expect((await call("read-tool", { params: { slug: "grafana" } })).body).toMatchObject({
      ...{ description: "Charts, and\nmore", tags: ["a", "b"], category: "ops" },
    });
  });

  test.each(['slug,name\n"open', "a,a\n1,2,3,4", "\ufeff"])("refuses %j, or finds nothing in it", async (body) => {
    const answer = await csv(body);
    expect(answer.status === 400 || answer.body.created === 0).toBe(true);
  });

  test("what is no UTF-8, too large or of another type is refused", async () => {
    expect(await csv("x".repeat(1_000_001))).toMatchObject({ status: 413 });
    expect(await call("import-tools", { headers: { "content-type": "text/plain" }, body: "x" })).toMatchObject({
      status: 400,
    });
    expect(await call("import-tools", { body: '{"tools": 1}' })).toMatchObject({ status: 400 });
  });

  test("what is exported can be imported elsewhere, and no cell is a formula", async () => {
    const params = await create({ description: "=HYPERLINK(1)", tags: ["x"] });
    await call("add-tool-version", { params, body: { version: "1.0.0", notes: "first" } });
    await call("add-tool-evaluation", { params, body: { model: "m", date: "2026-01-01", scores: { a: 1 } } });
    const asCsv = (await call("export-tools", { query: { format: "csv" } })).text;
    expect(asCsv).toContain("'=HYPERLINK(1)");
    expect((await csv(asCsv)).body).toMatchObject({ unchanged: 1, findings: [] });
    const asJson = await call("export-tools");
    expect(asJson.body.tools).toMatchObject([{ versions: [{ notes: "first" }], evaluations: [{ model: "m" }] }]);
    expect((await call("import-tools", { body: asJson.text })).body).toMatchObject({ unchanged: 1, findings: [] });
    const elsewhere = asJson.text.replaceAll('"grafana"', '"grafana-2"');
    expect((await call("import-tools", { body: elsewhere })).body).toMatchObject({ created: 1 });
    expect((await call("export-tools")).body.tools).toMatchObject([{}, { slug: "grafana-2", versions: [{}] }]);
  });

  test.each(["=1", "+1", "-1", "@x", "\t=1", "'=1", " =1", "'' -1"])("%j is guarded, and comes back", (cell) => {
    expect(guardCell(cell)).toBe(`'${cell}`);
    expect(unguardCell(guardCell(cell))).toBe(cell);
  });
  test.each(["text", "'quoted'", "1-2", ""])("%j stays", (cell) => expect(unguardCell(guardCell(cell))).toBe(cell));
});
