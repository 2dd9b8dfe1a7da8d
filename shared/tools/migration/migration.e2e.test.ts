import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type PocketBase from "pocketbase";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fillCatalog, insertRows, recordId } from "../../../local/pocketbase/test-catalog.ts";
import type { TestPocketBase } from "../../../local/pocketbase/test-pocketbase.ts";
import { startTestPocketBase } from "../../../local/pocketbase/test-pocketbase.ts";
import { waitUntil } from "../../../local/process/wait-until.ts";
import { aCaller } from "../../../tests/support/builders.ts";
import { aCatalog } from "../../../tests/support/catalog.ts";
import { makeStartMigration, StartMigrationCommand } from "./start-migration.ts";

let source: TestPocketBase;
let client: PocketBase;
let directory = "";

const size = { categories: 100, tools: 9_900, versions: 6_000, evaluations: 4_000 };
const odd = [
  { id: "odd000000000001", name: "Größe \u202e✓ 漢字", description: "a\u0000b\u0007c\r\nd" },
  { id: "odd000000000002", name: "漢字だけ", homepage: "javascript:alert(1)" },
  { id: "odd000000000003", name: "", description: "no name" },
  { id: "odd000000000004", name: "Broken Category", category: "nosuchcategory0" },
  { id: "odd000000000005", name: "Tool 7 wiki", description: "has the name of another one" },
  { id: "odd000000000006", name: "Long", description: "x".repeat(12_000) },
  { id: "odd000000000007", name: "<script>alert(1)</script>", tags: '["!!!","Mixed Case"]' },
];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "migration-"));
  source = await startTestPocketBase();
  client = await fillCatalog(source, size);
  for (const row of odd) insertRows(source, "tools", [row]);
  insertRows(source, "categories", [
    { id: "circle000000001", name: "Circle One", parent: "circle000000002" },
    { id: "circle000000002", name: "Circle Two", parent: "circle000000001" },
  ]);
  insertRows(source, "tool_versions", [
    { id: "badversion00001", tool: "nosuchtool00000", version: "1.0.0" },
    { id: "badversion00002", tool: recordId("t", 1), version: "latest" },
    { id: "badversion00003", tool: "odd000000000003", version: "1.0.0" },
    { id: "v00000000zzzzzz", tool: recordId("t", 1), version: "1.1" },
  ]);
  insertRows(source, "ai_evaluations", [
    { id: "badevaluation01", tool: recordId("t", 1), model: "", date: "2026-01-01" },
    { id: "badevaluation02", tool: recordId("t", 1), model: "m", date: "2026-01-01", scores: '{"safety": 900}' },
  ]);
});
afterAll(async () => {
  await source.stop();
  await rm(directory, { recursive: true, force: true });
});

const operator = aCaller({ isOperator: true });
const command = (more: object = {}) =>
  StartMigrationCommand.parse({
    from: source.url,
    login: { email: source.email, password: source.password },
    ...more,
  });

type Catalog = ReturnType<typeof aCatalog>;
const begin = (catalog: Catalog, more: object = {}) =>
  catalog.startMigration(operator, command(more), () => Promise.resolve());
const carryOn = async (catalog: Catalog, id: string) => {
  for (let slice = 0; slice < 20; slice += 1) if ((await catalog.workMigration(id)) === "over") break;
  return (await catalog.migrations.read(id))!.value;
};
const run = async (catalog: Catalog, more: object = {}) => carryOn(catalog, (await begin(catalog, more)).id);
const operationOf = (catalog: Catalog, id: string) => catalog.operations.forOwner(operator.orgId ?? "").find(id);
const allFindings = async (catalog: Catalog, id: string) => {
  const all: Awaited<ReturnType<Catalog["migrations"]["findings"]>>[number][] = [];
  for (;;) {
    const page = await catalog.migrations.findings(id, all.at(-1)?.key ?? "");
    all.push(...page);
    if (page.length < 500) return all;
  }
};
/** Everything the catalog holds that comes from the source, without instants. */
const contentsOf = async (catalog: Catalog) => {
  const all: unknown[] = [];
  for await (const page of catalog.catalog.pages()) {
    for (const { slug, name, category, status, origin } of page) all.push([slug, name, category, status, origin?.hash]);
  }
  return all.map((each) => JSON.stringify(each)).sort();
};

describe("a migration of 20,000 records from a real PocketBase", () => {
  test("audits, takes everything it can, verifies, and says of every other record why not", async () => {
    const catalog = aCatalog(join(directory, "whole.db"));
    const migration = await run(catalog);
    expect(migration.plan).toMatchObject({
      kinds: {
        tool: { collection: "tools", count: size.tools + odd.length, unmapped: ["internal_notes"] },
        "tool-version": { collection: "tool_versions" },
        "tool-evaluation": { collection: "ai_evaluations" },
      },
    });
    expect(migration.counts).toMatchObject({
      category: { read: 102, created: 102 },
      tool: { read: 9_907, created: 9_906, unmapped: 1 },
      "tool-version": { read: 6_004, created: 6_000, unmapped: 4 },
      "tool-evaluation": { read: 4_002, created: 4_001, unmapped: 1 },
    });
    expect(migration.verified).toMatchObject({
      tool: { source: 9_907, target: 9_906, different: 0, isComplete: true },
      "tool-version": { isComplete: true },
      "tool-evaluation": { isComplete: true },
      category: { isComplete: true },
    });
    expect(await operationOf(catalog, migration.id)).toMatchObject({ status: "succeeded", error: null });
    expect(catalog.secrets.values.size).toBe(0);
    const said = (await allFindings(catalog, migration.id)).map(({ recordId: id, code }) => `${id} ${code}`);
    expect(said.sort()).toEqual(
      [
        "odd000000000001 text-repaired",
        "odd000000000002 link-dropped",
        "odd000000000003 name-missing",
        "odd000000000004 category-missing",
        `${recordId("t", 7)} slug-changed`,
        "odd000000000006 text-cut",
        "odd000000000007 tag-dropped",
        "badversion00001 tool-missing",
        "badversion00002 version-unreadable",
        "badversion00003 tool-missing",
        "badevaluation01 model-missing",
        "badevaluation02 score-dropped",
        "circle000000001 parent-dropped",
        "circle000000002 parent-dropped",
        `${recordId("v", 1)} version-duplicate`,
      ].sort(),
    );
    const found = (await catalog.catalog.findBySlug("grosse"))?.value;
    expect(found).toMatchObject({ name: "Größe \u202e✓ 漢字", description: "abc\nd" });
  });

  test("run again it changes nothing; then it takes what changed, and leaves alone what was edited here", async () => {
    const catalog = aCatalog(join(directory, "whole.db"));
    const again = await run({ ...catalog, ...withIds(catalog, "again") });
    expect(again.counts.tool).toMatchObject({ created: 0, updated: 0, unchanged: 9_906 });
    const edited = (await catalog.catalog.findBySlug("tool-3-proxy"))!.value;
    await catalog.editTool.update(edited.id, edited.revision, { description: "edited here" });
    await client.collection("tools").update(recordId("t", 3), { description: "changed there" });
    await client.collection("tools").update(recordId("t", 4), { name: "Renamed Tool" });
    await client.collection("tool_versions").delete(recordId("v", 5));
    await client.collection("tools").create({ id: "newtool00000001", name: "A new one", published: true });
    const third = await run({ ...catalog, ...withIds(catalog, "third") });
    expect(third.counts.tool).toMatchObject({ created: 1, updated: 1, kept: 1, unmapped: 1 });
    expect(third.verified["tool-version"]).toMatchObject({ gone: 1, isComplete: true });
    expect((await catalog.catalog.findBySlug("tool-4-photo"))?.value.name).toBe("Renamed Tool");
    expect((await catalog.catalog.findBySlug("tool-3-proxy"))?.value.description).toBe("edited here");
  });

  test("a dry run writes no tool and says what would be done", async () => {
    const catalog = aCatalog();
    const migration = await run(catalog, { dryRun: true });
    expect(migration.counts.tool).toMatchObject({ created: 9_907, unmapped: 1 });
    expect(migration.counts["tool-version"]).toMatchObject({ unmapped: 2 });
    expect(await catalog.searchTools({ q: "", limit: 1 })).toMatchObject({ total: 0 });
    expect(await operationOf(catalog, migration.id)).toMatchObject({ status: "succeeded" });
  });

  test("killed again and again it goes on where it was, and ends with the same catalog", async () => {
    const file = join(directory, "killed.db");
    const catalog = aCatalog(file);
    const { id } = await begin(catalog);
    const place = async () => {
      const { phase, after } = (await catalog.migrations.read(id))!.value;
      return `${phase} ${after}`;
    };
    for (let kill = 0; kill < 4; kill += 1) {
      const before = await place();
      const child = spawn(process.execPath, ["tests/support/migrate-child.ts", file, id], {
        env: { ...process.env, SOURCE_EMAIL: source.email, SOURCE_PASSWORD: source.password },
        stdio: "inherit",
      });
      await waitUntil(async () => (await place()) !== before, 20_000);
      child.kill("SIGKILL");
    }
    const migration = await carryOn(catalog, id);
    expect(migration).toMatchObject({ phase: "done", verified: { tool: { isComplete: true } } });
    const whole = aCatalog(join(directory, "straight.db"));
    await run(whole);
    expect(await contentsOf(catalog)).toEqual(await contentsOf(whole));
  });

  test("a source that refuses the login, or is no catalog, ends it with a reason, and forgets the login", async () => {
    const catalog = aCatalog();
    const { id } = await begin(catalog, { login: { email: "x@y.example", password: "wrong-password" } });
    await carryOn(catalog, id);
    expect(await operationOf(catalog, id)).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    expect(catalog.secrets.values.size).toBe(0);
    const everything = await catalog.migrations.recent(10);
    expect(JSON.stringify([everything, await operationOf(catalog, id)])).not.toContain("wrong-password");
  });
});

/** Services with ids of another run: a new process would not begin at 1 again. */
const withIds = (catalog: Catalog, id: string): Pick<Catalog, "startMigration"> => ({
  startMigration: makeStartMigration({ ...catalog, newId: () => id }),
});
