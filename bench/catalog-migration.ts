import { join } from "node:path";
import type PocketBase from "pocketbase";
import { findPocketBase } from "../local/pocketbase/find-pocketbase.ts";
import { fillCatalog } from "../local/pocketbase/test-catalog.ts";
import { startTestPocketBase } from "../local/pocketbase/test-pocketbase.ts";
import { pocketBaseCatalogSource } from "../shared/adapters/pocketbase/catalog-source.ts";
import { sqliteDocumentStore } from "../shared/adapters/sqlite/document-store.ts";
import { openCatalogStore } from "../shared/tools/catalog-store.ts";
import { openMigrationStore } from "../shared/tools/migration/migration-store.ts";
import type { Migration } from "../shared/tools/migration/migration.ts";
import { makeRunMigration } from "../shared/tools/migration/run-migration.ts";
import type { CatalogSource } from "../shared/tools/migration/source.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const size = { categories: 100, tools: 10_000, versions: 6_000, evaluations: 3_900 };
const collections = ["categories", "tools", "tool_versions", "ai_evaluations"];
const clock = (): Date => new Date();

const aMigration = (id: string, from: string): Migration => {
  const at = clock().toISOString();
  return {
    ...{ id, kind: "migration", key: id, owner: "bench", from, source: "bench", isDryRun: false, phase: "audit" },
    ...{ after: "", plan: null, counts: {}, verified: {}, findings: 0, createdAt: at, updatedAt: at },
  };
};

/** Audit, every record, verification; into a database file of its own, synced to the disk as in operation. */
const migrate = async (file: string, url: string, source: CatalogSource): Promise<void> => {
  const documents = sqliteDocumentStore(file);
  const catalog = openCatalogStore(documents);
  const migrations = openMigrationStore(documents);
  await migrations.create(aMigration("bench", url));
  const ended = await makeRunMigration({ catalog, migrations, clock })("bench", source, () => false);
  await documents.close();
  if (ended?.verified.tool?.isComplete !== true) throw new Error("The migration is not complete.");
};

const readAll = async (client: PocketBase): Promise<void> => {
  for (const collection of collections) await client.collection(collection).getFullList({ batch: 500 });
};

/** 20,000 records from a real PocketBase, against reading them page by page with the bare SDK and throwing them away. */
export const catalogMigration = (directory: string): Pair => ({
  name: "catalog migration, 20,000 records",
  bound: { kind: "ratio", max: 2 },
  measured: "audit, migrate, verify",
  baseline: "bare SDK paging",
  rounds: 5,
  warmUp: 1,
  open: async () => {
    await findPocketBase({ onProgress: () => undefined });
    const pocketBase = await startTestPocketBase();
    const client = await fillCatalog(pocketBase, size);
    const { url, email, password } = pocketBase;
    const source = pocketBaseCatalogSource({ timeoutMilliseconds: 30_000 })(url, { email, password });
    await source.count("tools");
    let round = 0;
    return {
      measure: () => timed(() => migrate(join(directory, `catalog-${(round += 1)}.db`), url, source)),
      compare: () => timed(() => readAll(client)),
      close: () => pocketBase.stop(),
    };
  },
});
