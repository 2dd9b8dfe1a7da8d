import { miniSearchWordIndex } from "../../shared/adapters/minisearch/word-index.ts";
import { pocketBaseCatalogSource } from "../../shared/adapters/pocketbase/catalog-source.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { openOperationLog } from "../../shared/operations/operation-log.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import { buildToolsServices } from "../../functions/tools/tools-services.ts";

const memorySecrets = (): SecretStore & { readonly values: ReadonlyMap<string, string> } => {
  const values = new Map<string, string>();
  return {
    values,
    read: (name) => Promise.resolve(values.get(name)),
    createIfAbsent: (name, value) => {
      values.set(name, values.get(name) ?? value);
      return Promise.resolve(values.get(name) ?? value);
    },
    remove: (name) => {
      values.delete(name);
      return Promise.resolve();
    },
  };
};

/** The tool catalog as the app wires it, on a store of its own. */
export const aCatalog = (file = ":memory:", clock: () => Date = () => new Date()) => {
  const documents = sqliteDocumentStore(file);
  const secrets = memorySecrets();
  const contention = { attemptsMax: 5, pauseMillisecondsMax: 1, random: () => 0, sleep: () => Promise.resolve() };
  const operations = openOperationLog(documents, clock, contention);
  let ids = 0;
  const services = buildToolsServices({
    ...{ documents, clock, operations, secrets },
    newId: () => `id-${(ids += 1)}`,
    newWordIndex: miniSearchWordIndex,
    openCatalogSource: pocketBaseCatalogSource({ timeoutMilliseconds: 15_000 }),
  });
  return { ...services, documents, operations, secrets, clock };
};
