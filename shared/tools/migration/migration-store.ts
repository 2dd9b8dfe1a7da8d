import { createMany } from "../../documents/create-many.ts";
import { catalogContainer } from "../../documents/catalog-container.ts";
import type { DocumentStore, Stored } from "../../documents/document-store.ts";
import { Migration, MigrationFinding } from "./migration.ts";

const pageSize = 500;

export interface MigrationStore {
  create(migration: Migration): Promise<void>;
  read(id: string): Promise<Stored<Migration> | undefined>;
  /** @throws DocumentChanged when another worker is at it */
  save(migration: Migration, etag: string): Promise<Stored<Migration>>;
  /** Newest first. */
  recent(limit: number): Promise<readonly Migration[]>;
  /** Adding a finding twice leaves one. */
  addFindings(findings: readonly MigrationFinding[]): Promise<void>;
  /** 500 at most, beyond the key of the last one seen. */
  findings(migrationId: string, after: string): Promise<readonly MigrationFinding[]>;
}

const findingsOf = (migrationId: string): { readonly first: string; readonly beyond: string } => ({
  first: `${migrationId}~`,
  beyond: `${migrationId}\u007f`,
});

export const openMigrationStore = (store: DocumentStore): MigrationStore => {
  const migrations = store.container(catalogContainer, (raw) => Migration.parse(raw));
  const findings = store.container(catalogContainer, (raw) => MigrationFinding.parse(raw));
  return {
    create: async (migration) => {
      await migrations.create(migration);
    },
    read: (id) => migrations.read("migration", id),
    save: (migration, etag) => migrations.replace(migration, etag),
    recent: async (limit) => {
      const orderBy = { member: "key", direction: "descending" as const };
      return (await migrations.query({ partition: "migration", orderBy, limit })).map(({ value }) => value);
    },
    addFindings: async (found) => {
      await createMany(findings, found);
    },
    findings: async (migrationId, after) => {
      const { first, beyond } = findingsOf(migrationId);
      const greaterThan = after.startsWith(first) ? after : first;
      const orderBy = { member: "key", direction: "ascending" as const };
      const range = { key: { greaterThan, lessThan: beyond } };
      const found = await findings.query({ partition: "migration-finding", range, orderBy, limit: pageSize });
      return found.map(({ value }) => value);
    },
  };
};
