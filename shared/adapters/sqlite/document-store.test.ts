import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { DocumentStore } from "../../documents/document-store.ts";
import { sqliteDocumentStore } from "./document-store.ts";

const Note = z.object({ id: z.string(), zone: z.string(), at: z.number(), isRead: z.boolean(), text: z.string() });
const parse = (raw: unknown) => Note.parse(raw);
const noteOf = (n: number) => ({ id: `n${n}`, zone: `z${n % 50}`, at: n, isRead: n % 2 === 0, text: `text ${n}` });

describe("a SQLite file of documents", () => {
  let directory: string;
  let file: string;
  let stores: DocumentStore[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kombify-sqlite-"));
    file = join(directory, "new", "documents.sqlite");
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    rmSync(directory, { recursive: true });
  });
  const notes = (indexes: readonly string[]) => {
    const store = sqliteDocumentStore(file);
    stores.push(store);
    return store.container({ name: "notes", partitionKey: "zone", indexes }, parse);
  };
  const planOf = (sql: string): string => {
    const database = new DatabaseSync(file, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    database.close();
    return plan.map((row) => String(row["detail"])).join("; ");
  };

  it("finds older documents by a member that a newer definition declares", async () => {
    const old = notes(["at"]);
    for (let n = 0; n < 10; n += 1) await old.create(noteOf(n));
    await expect(old.query({ equal: { isRead: true }, limit: 10 })).rejects.toThrow("declares no index on isRead");
    const grown = notes(["at", "isRead", "text"]);
    const query = { equal: { isRead: true }, orderBy: { member: "text", direction: "descending" }, limit: 3 } as const;
    expect((await grown.query(query)).map(({ value }) => value.id)).toStrictEqual(["n8", "n6", "n4"]);
  });

  it("finds what an older release has written in between", async () => {
    await notes(["at", "isRead"]).create(noteOf(2));
    await notes(["at"]).create(noteOf(4));
    const found = await notes(["at", "isRead"]).query({
      equal: { isRead: true },
      range: { at: { lessThan: 9 } },
      limit: 9,
    });
    expect(found.map(({ value }) => value.id).sort()).toStrictEqual(["n2", "n4"]);
  });

  it("shows one store what another has written", async () => {
    const [here, there] = [notes(["at"]), notes(["at"])];
    const created = await here.create(noteOf(1));
    expect(await there.read("z1", "n1")).toStrictEqual(created);
    expect(await there.query({ equal: { at: 1 }, limit: 1 })).toStrictEqual([created]);
  });

  it("answers pages and partitions from indexes, without sorting the whole table", async () => {
    const container = notes(["at", "isRead"]);
    for (let n = 0; n < 1000; n += 1) await container.create(noteOf(n));
    const page = planOf(
      `SELECT "body" FROM "notes" WHERE "by_isRead" = x'01' AND "by_at" < x'' ORDER BY "by_at" LIMIT 50`,
    );
    expect(page).toContain("INDEX notes/at");
    expect(page).not.toContain("TEMP B-TREE");
    expect(
      planOf(
        `SELECT "body" FROM "notes" WHERE "partition" = 'z1' AND "by_at" > 5 AND "by_at" < '' ORDER BY "by_at" LIMIT 5`,
      ),
    ).toContain(`INDEX notes/partition/at (partition=? AND by_at>? AND by_at<?)`);
  });

  it("does not open what is not a database", () => {
    expect(() => sqliteDocumentStore(directory)).toThrow("unable to open");
  });

  it("refuses work after it was closed", async () => {
    const container = notes(["at"]);
    await stores[0]?.close();
    await stores[0]?.close();
    await expect(container.create(noteOf(1))).rejects.toThrow(/finalized|not open/);
  });
});
