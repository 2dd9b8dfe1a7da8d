import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Migration } from "../../shared/tools/migration/migration.ts";
import type { MigrationStore } from "../../shared/tools/migration/migration-store.ts";
import type { StartMigration } from "../../shared/tools/migration/start-migration.ts";
import { StartMigrationCommand } from "../../shared/tools/migration/start-migration.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import type { MigratingOf } from "./migration-workflows.ts";

export interface MigrationsDeps {
  readonly readOperator: ReadCaller;
  readonly migrations: MigrationStore;
  readonly startMigration: StartMigration;
  readonly migratingOf: MigratingOf;
}

const migrationView = ({ kind: _, key: __, owner: ___, after: ____, ...facts }: Migration) => ({
  ...facts,
  operation: `/api/operations/${facts.id}`,
});

/** `POST /api/admin/migrations` `{from, source?, dryRun?, login}`: 202, the operation is in `Location`. */
export const startMigrationHttp = ({ readOperator, startMigration, migratingOf }: MigrationsDeps): HttpFunction => ({
  name: "start-migration",
  method: "POST",
  route: "api/admin/migrations",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    const caller = await readOperator(request);
    const command = await readJson(request, StartMigrationCommand);
    const view = migrationView(await startMigration(caller, command, migratingOf(context)));
    return json(202, view, { location: view.operation, "retry-after": "2" });
  },
});

const recentMax = 20;

/** `GET /api/admin/migrations`: the newest 20. */
export const listMigrationsHttp = ({ readOperator, migrations }: MigrationsDeps): HttpFunction => ({
  name: "list-migrations",
  method: "GET",
  route: "api/admin/migrations",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, { migrations: (await migrations.recent(recentMax)).map(migrationView) });
  },
});

const requireMigration = async (migrations: MigrationStore, id = ""): Promise<Migration> => {
  const found = (await migrations.read(id))?.value;
  if (found === undefined) throw new DomainError("not-found", "There is no migration with this id.");
  return found;
};

/** `GET /api/admin/migrations/{migrationId}`: what the audit found, how far it is, what became of the records. */
export const getMigrationHttp = ({ readOperator, migrations }: MigrationsDeps): HttpFunction => ({
  name: "get-migration",
  method: "GET",
  route: "api/admin/migrations/{migrationId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, migrationView(await requireMigration(migrations, request.params["migrationId"])));
  },
});

const FindingsQuery = z.strictObject({ after: z.string().max(300).default("") });

/** `GET /api/admin/migrations/{migrationId}/findings?after`: 500 at a time, by record. */
export const listFindingsHttp = ({ readOperator, migrations }: MigrationsDeps): HttpFunction => ({
  name: "list-migration-findings",
  method: "GET",
  route: "api/admin/migrations/{migrationId}/findings",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { after } = parseInput(FindingsQuery, Object.fromEntries(request.query.entries()));
    const { id } = await requireMigration(migrations, request.params["migrationId"]);
    const found = await migrations.findings(id, after);
    const findings = found.map(({ of, recordId, code, detail }) => ({ of, recordId, code, detail }));
    return json(200, { findings, next: found.length < 500 ? null : (found.at(-1)?.key ?? null) });
  },
});
