import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { groupWrites } from "./group-writes.ts";

let directory = "";
let file = "";
let database: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kombify-group-"));
  file = join(directory, "group.sqlite");
  database = new DatabaseSync(file, { timeout: 50 });
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB)");
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(directory, { recursive: true, force: true });
});

const put = (n: number) => () => {
  database.prepare("INSERT INTO t (n) VALUES (?)").run(n);
  return n;
};
const rows = (): unknown => database.prepare("SELECT count(*) AS count FROM t").get()?.["count"];
const outcomes = (all: readonly Promise<number>[]) => Promise.all(all.map((one) => one.catch(String)));

test("writes of one turn share a transaction, and each gets its own answer", async () => {
  const { write } = groupWrites(database);
  const inside = write(() => database.isTransaction);
  const all = [1, 2, 1, 3].map((n) => write(put(n)));
  expect(rows()).toBe(0);
  expect(await outcomes(all)).toEqual([1, 2, expect.stringMatching("UNIQUE constraint failed"), 3]);
  expect(await inside).toBe(true);
  expect(rows()).toBe(3);
  expect(database.isTransaction).toBe(false);
});

test("thousands at once are all written", async () => {
  const { write } = groupWrites(database);
  expect(await Promise.all(Array.from({ length: 3000 }, (_, n) => write(put(n))))).toHaveLength(3000);
  expect(rows()).toBe(3000);
});

test("nobody is answered before it is committed: when the store is taken, all fail and none is written", async () => {
  const { write } = groupWrites(database);
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const refused = await Promise.allSettled([write(put(1)), write(put(2))]);
  expect(refused).toMatchObject([{ reason: { code: "unavailable" } }, { reason: { code: "unavailable" } }]);
  other.exec("ROLLBACK");
  other.close();
  expect(rows()).toBe(0);
  expect(await Promise.all([write(put(1)), write(put(2))])).toEqual([1, 2]);
});

test("a write that has the whole transaction undone fails for all of its group", async () => {
  const { write } = groupWrites(database);
  const undo = (): number => {
    database.exec("ROLLBACK");
    return 0;
  };
  expect(await outcomes([write(put(1)), write(undo), write(put(2))])).toEqual([
    expect.stringContaining("given up the transaction"),
    expect.stringContaining("given up the transaction"),
    expect.stringContaining("given up the transaction"),
  ]);
  expect(rows()).toBe(0);
});

test("what waits can be written now, before the file is closed", async () => {
  const { write, flush } = groupWrites(database);
  const waiting = write(put(1));
  flush();
  expect(rows()).toBe(1);
  database.close();
  expect(await waiting).toBe(1);
});
