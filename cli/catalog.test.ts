import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { makeCatalogGroup } from "./catalog.ts";
import { CommandFailure, UsageError } from "./failures.ts";
import type { PlatformClient } from "./platform-client.ts";

let directory: string;
let asked: string[];
let answers: Record<string, unknown>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-cli-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
beforeEach(() => {
  asked = [];
  answers = {};
});

/** Answers one after the other for each path, the last one again and again. */
const answerTo = (line: string): unknown => {
  asked.push(line);
  const given = answers[line.split("?")[0] ?? ""];
  return Array.isArray(given) ? (given.length > 1 ? given.shift() : given[0]) : given;
};
const platform: PlatformClient = {
  get: <T>(path: string, schema: z.ZodType<T>) => Promise.resolve(schema.parse(answerTo(`GET ${path}`))),
  post: <T>(path: string, body: unknown, schema: z.ZodType<T>) =>
    Promise.resolve(schema.parse(answerTo(`POST ${path}?${JSON.stringify(body)}`))),
  upload: <T>(path: string, { contents, type }: { contents: Buffer; type: string }, schema: z.ZodType<T>) =>
    Promise.resolve(schema.parse(answerTo(`UPLOAD ${path}&${type}&${contents.length}`))),
  download: (path) => Promise.resolve([Buffer.from(String(answerTo(`DOWNLOAD ${path}`)))] as never),
};

const run = async (args: readonly string[], login = { email: "root@example.org", password: "secret-word" }) => {
  const [name = "", ...rest] = args;
  const command = makeCatalogGroup(login, () => Promise.resolve()).commands.find((each) => each.name === name);
  const printed: string[] = [];
  const notes: string[] = [];
  const context = {
    platform,
    print: (line: string) => void printed.push(line),
    note: (line: string) => void notes.push(line),
  };
  const error = await command?.run(rest, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { printed, notes, error };
};

const migration = (phase: string, read: number) => ({
  ...{ id: "m-1", phase, counts: { tool: { read, created: read, updated: 0 } }, findings: 1 },
  verified: { tool: { isComplete: true } },
});
const finding = { of: "tool", recordId: "r1", code: "link-dropped", detail: "no link" };

describe("kombify catalog migrate", () => {
  beforeEach(() => {
    answers = {
      "POST /api/admin/migrations": migration("audit", 0),
      "GET /api/operations/m-1": [
        { status: "running", error: null },
        { status: "running", error: null },
        { status: "succeeded", error: null },
      ],
      "GET /api/admin/migrations/m-1": [migration("tool", 500), migration("tool", 500), migration("done", 900)],
      "GET /api/admin/migrations/m-1/findings": [
        { findings: [finding], next: "key-1" },
        { findings: [{ ...finding, recordId: "r2" }], next: null },
      ],
    };
  });

  test("says what goes on as it changes, then every finding, page after page", async () => {
    const { printed, notes, error } = await run(["migrate", "--from", "https://old.example.org", "--source", "old"]);
    expect(error).toBeUndefined();
    expect(notes).toEqual([
      "migration m-1",
      "tool: tool: 500 read, 500 created",
      "done: tool: 900 read, 900 created",
      "succeeded, 1 findings",
    ]);
    expect(printed).toEqual(["tool  r1  link-dropped  no link", "tool  r2  link-dropped  no link"]);
    expect(asked[0]).toContain(`{"from":"https://old.example.org","source":"old","dryRun":false,"login"`);
    expect(asked.at(-1)).toBe("GET /api/admin/migrations/m-1/findings?after=key-1");
  });

  test("prints one JSON document for scripts, and no login", async () => {
    const { printed } = await run(["migrate", "--from", "https://old.example.org", "--dry-run", "--json"]);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({ status: "succeeded", findings: [{}, {}] });
    expect(printed[0]).not.toContain("secret-word");
    expect(asked[0]).toContain(`"dryRun":true`);
  });

  test("ends with a failure that says why when the migration fails", async () => {
    const detail = "The verification found differences (tool).";
    answers["GET /api/operations/m-1"] = { status: "failed", error: { code: "verification-incomplete", detail } };
    const { error } = await run(["migrate", "--from", "https://old.example.org"]);
    expect(error).toBeInstanceOf(CommandFailure);
    expect(error).toMatchObject({ message: detail });
  });

  test("wants a source, and its login from the environment", async () => {
    expect((await run(["migrate"])).error).toBeInstanceOf(UsageError);
    const without = await run(["migrate", "--from", "https://x.example"], {
      email: undefined,
      password: undefined,
    } as never);
    expect(without.error).toMatchObject({ message: expect.stringContaining("KOMBIFY_SOURCE_PASSWORD") as string });
    expect(asked).toEqual([]);
  });
});

describe("kombify catalog import and export", () => {
  test("imports by the file's ending, says what was refused and ends with a failure then", async () => {
    const file = join(directory, "tools.CSV");
    await writeFile(file, "name\nOne\n");
    const report = {
      created: 1,
      updated: 0,
      unchanged: 0,
      refused: 1,
      findings: [{ row: 3, column: null, message: "no" }],
    };
    answers = { "UPLOAD /api/admin/tools/import": report };
    const { printed, notes, error } = await run(["import", file, "--dry-run"]);
    expect(asked).toEqual(["UPLOAD /api/admin/tools/import?dryRun=true&text/csv&9"]);
    expect([printed, notes]).toEqual([["row 3  -  no"], ["1 created, 0 updated, 0 unchanged, 1 refused"]]);
    expect(error).toMatchObject({ message: "Rows were refused." });
    expect((await run(["import", join(directory, "none.json")])).error).toBeInstanceOf(CommandFailure);
    expect((await run(["import"])).error).toBeInstanceOf(UsageError);
    expect((await run(["import", "a", "b"])).error).toBeInstanceOf(UsageError);
  });

  test("exports in the format of the file's ending, and says when it cannot be written", async () => {
    answers = { "DOWNLOAD /api/admin/tools/export": "name\nOne\n" };
    const file = join(directory, "out.csv");
    expect((await run(["export", "--out", file])).notes).toEqual([`written to ${file}`]);
    expect(await readFile(file, "utf8")).toBe("name\nOne\n");
    expect(asked).toEqual(["DOWNLOAD /api/admin/tools/export?format=csv"]);
    const nowhere = join(directory, "none", "out.json");
    expect((await run(["export", "--out", nowhere])).error).toMatchObject({ message: `${nowhere} cannot be written.` });
    expect((await run(["export"])).error).toBeInstanceOf(UsageError);
  });
});
