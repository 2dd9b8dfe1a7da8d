import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer } from "./failure.ts";

describe("SQLite's failures", () => {
  let directory: string;
  let first: DatabaseSync;
  let second: DatabaseSync;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kombify-sqlite-"));
    first = new DatabaseSync(join(directory, "file"), { timeout: 0 });
    second = new DatabaseSync(join(directory, "file"), { timeout: 0 });
    first.exec(`CREATE TABLE "t" ("x" UNIQUE)`);
  });
  afterEach(() => {
    first.close();
    second.close();
    rmSync(directory, { recursive: true });
  });

  it("are unavailable while another connection writes, with the cause", async () => {
    first.exec("BEGIN IMMEDIATE");
    await expect(answer(() => second.exec(`INSERT INTO "t" VALUES (1)`))).rejects.toMatchObject({
      name: "DomainError",
      code: "unavailable",
      cause: { errcode: 5 },
    });
    first.exec("COMMIT");
    await expect(answer(() => second.exec(`INSERT INTO "t" VALUES (1)`))).resolves.toBeUndefined();
  });

  it("are unavailable when there is no room", async () => {
    first.exec("PRAGMA max_page_count = 3");
    await expect(answer(() => first.exec(`INSERT INTO "t" VALUES (zeroblob(1000000))`))).rejects.toMatchObject({
      code: "unavailable",
      cause: { errcode: 13 },
    });
  });

  it("are shown as they are when the store is not to blame", async () => {
    first.exec(`INSERT INTO "t" VALUES (1)`);
    await expect(answer(() => first.exec(`INSERT INTO "t" VALUES (1)`))).rejects.toThrow("UNIQUE constraint failed");
    await expect(answer(() => first.exec("nonsense"))).rejects.toThrow("syntax error");
  });
});
