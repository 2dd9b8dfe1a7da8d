import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Command, CommandContext, CommandGroup } from "./command.ts";
import { CommandFailure, UsageError } from "./failures.ts";

interface SourceLogin {
  readonly email: string | undefined;
  readonly password: string | undefined;
}

const Counts = z.record(z.string(), z.record(z.string(), z.number()));
const Migration = z.looseObject({
  id: z.string(),
  phase: z.string(),
  counts: Counts,
  findings: z.number(),
  verified: z.record(z.string(), z.looseObject({ isComplete: z.boolean() })),
});
const Operation = z.looseObject({
  status: z.string(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
});
const Findings = z.object({
  findings: z.array(z.object({ of: z.string(), recordId: z.string(), code: z.string(), detail: z.string() })),
  next: z.string().nullable(),
});
type Finding = z.infer<typeof Findings>["findings"][number];

const pollMilliseconds = 1_000;
/** The platform gives a migration six hours. */
const pollsMax = 7 * 60 * 60;
const findingsPagesMax = 20;

const summaryOf = (counts: z.infer<typeof Counts>): string =>
  Object.entries(counts)
    .map(([kind, of]) => {
      const parts = Object.entries(of).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
      return `${kind}: ${parts.join(", ")}`;
    })
    .join("; ");

const readFindings = async ({ platform }: CommandContext, id: string): Promise<readonly Finding[]> => {
  const all: Finding[] = [];
  let after: string | null = "";
  for (let page = 0; after !== null && page < findingsPagesMax; page += 1) {
    const query = new URLSearchParams(after === "" ? {} : { after });
    const found: z.infer<typeof Findings> = await platform.get(
      `/api/admin/migrations/${id}/findings?${query}`,
      Findings,
    );
    all.push(...found.findings);
    after = found.next;
  }
  return all;
};

/** Waits for the end and tells what is going on. */
const follow = async (
  id: string,
  { platform, note }: CommandContext,
  sleep: (milliseconds: number) => Promise<void>,
) => {
  let said = "";
  for (let poll = 0; poll < pollsMax; poll += 1) {
    const operation = await platform.get(`/api/operations/${id}`, Operation);
    const migration = await platform.get(`/api/admin/migrations/${id}`, Migration);
    const line = `${migration.phase}: ${summaryOf(migration.counts)}`;
    if (line !== said) note(line);
    said = line;
    if (operation.status !== "running" && operation.status !== "waiting") return { operation, migration };
    await sleep(pollMilliseconds);
  }
  throw new CommandFailure(`The migration ${id} is still under way.`);
};

const migrateCommand = (login: SourceLogin, sleep: (milliseconds: number) => Promise<void>): Command => ({
  name: "migrate",
  usage: "--from <URL of a PocketBase> [--source name] [--dry-run] [--json]",
  summary: "Migrates the tool catalog of a PocketBase; run it again to catch up. Ends with 1 when something differs.",
  async run(args, context) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: "string" },
        source: { type: "string", default: "pocketbase" },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { from, source, "dry-run": dryRun } = values;
    if (from === undefined) throw new UsageError("Say where from: --from <URL>.");
    const { email, password } = login;
    if (email === undefined || password === undefined) {
      throw new CommandFailure("Set KOMBIFY_SOURCE_EMAIL and KOMBIFY_SOURCE_PASSWORD to a superuser of the source.");
    }
    const body = { from, source, dryRun, login: { email, password } };
    const { id } = await context.platform.post("/api/admin/migrations", body, Migration);
    context.note(`migration ${id}`);
    const { operation, migration } = await follow(id, context, sleep);
    const findings = await readFindings(context, id);
    if (values.json) context.print(JSON.stringify({ ...migration, status: operation.status, findings }));
    else for (const { of, recordId, code, detail } of findings) context.print([of, recordId, code, detail].join("  "));
    context.note(`${operation.status}, ${migration.findings} findings`);
    if (operation.status !== "succeeded") {
      throw new CommandFailure(operation.error?.detail ?? `The migration is ${operation.status}.`);
    }
  },
});

const Report = z.looseObject({
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  refused: z.number(),
  findings: z.array(z.object({ row: z.number(), column: z.string().nullable(), message: z.string() })),
});

const importCommand: Command = {
  name: "import",
  usage: "<file.csv | file.json> [--dry-run] [--json]",
  summary: "Imports tools, up to 1 MB at a time. Ends with 1 when rows were refused.",
  async run(args, { platform, print, note }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { "dry-run": { type: "boolean", default: false }, json: { type: "boolean", default: false } },
    });
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) throw new UsageError("Name one file.");
    const type = path.toLowerCase().endsWith(".json") ? "application/json" : "text/csv";
    const contents = await readFile(path).catch((cause: unknown) => {
      throw new CommandFailure(`${path} cannot be read.`, { cause });
    });
    const address = `/api/admin/tools/import?dryRun=${values["dry-run"]}`;
    const report = await platform.upload(address, { contents, type }, Report);
    const { created, updated, unchanged, refused, findings } = report;
    if (values.json) print(JSON.stringify(report));
    else for (const { row, column, message } of findings) print(`row ${row}  ${column ?? "-"}  ${message}`);
    note(`${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`);
    if (refused > 0) throw new CommandFailure("Rows were refused.");
  },
};

const exportCommand: Command = {
  name: "export",
  usage: "--out <file.csv | file.json>",
  summary: "Writes the whole catalog into a file.",
  async run(args, { platform, note }) {
    const { values } = parseArgs({ args: [...args], options: { out: { type: "string" } } });
    if (values.out === undefined) throw new UsageError("Say where to: --out <file>.");
    const format = values.out.toLowerCase().endsWith(".csv") ? "csv" : "json";
    const body = await platform.download(`/api/admin/tools/export?format=${format}`);
    await pipeline(body, createWriteStream(values.out)).catch((cause: unknown) => {
      throw new CommandFailure(`${values.out ?? ""} cannot be written.`, { cause });
    });
    note(`written to ${values.out}`);
  },
};

/** `kombify catalog ...`. The source's login comes from the environment: arguments are seen by everybody on a machine. */
export const makeCatalogGroup = (login: SourceLogin, sleep: (milliseconds: number) => Promise<void>): CommandGroup => ({
  name: "catalog",
  commands: [migrateCommand(login, sleep), importCommand, exportCommand],
});
