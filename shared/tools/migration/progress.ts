import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { Migration, MigrationFinding, Remark } from "./migration.ts";
import type { MigrationStore } from "./migration-store.ts";
import type { MigratedKind } from "./plan-source.ts";

/** More is not kept of one run; all are counted. */
const findingsMax = 5_000;
const digestLength = 8;

/** What is said about records, until it is stored together with the page they stand in. */
export interface Notes {
  readonly found: readonly MigrationFinding[];
  readonly note: (recordId: string, remark: Remark) => void;
}

export const makeNotes = (migrationId: string, of: MigratedKind): Notes => {
  const found: MigrationFinding[] = [];
  return {
    found,
    note: (recordId, { code, detail }) => {
      const digest = createHash("sha256").update(`${code}/${detail}`).digest("hex").slice(0, digestLength);
      const id = `${migrationId}~${of}~${recordId.replace(/[^\w-]/g, "_")}~${digest}`;
      found.push({ id, kind: "migration-finding", key: id, of, recordId, code, detail });
    },
  };
};

/** How far a migration is, as this worker knows it. Every step forward is stored before the next one begins. */
export interface Progress {
  current(): Migration;
  /** @throws DocumentChanged when another worker is at it */
  save(change: Partial<Migration>, notes?: Notes): Promise<void>;
}

/** Undefined: there is no such migration. */
export const openProgress = async (
  { migrations, clock }: { readonly migrations: MigrationStore; readonly clock: Clock },
  id: string,
): Promise<Progress | undefined> => {
  const found = await migrations.read(id);
  if (found === undefined) return undefined;
  let stored = found;
  return {
    current: () => stored.value,
    save: async (change, notes) => {
      const before = stored.value.findings;
      const news = notes?.found ?? [];
      await migrations.addFindings(news.slice(0, Math.max(0, findingsMax - before)));
      const updatedAt = clock().toISOString();
      const next = { ...stored.value, ...change, findings: before + news.length, updatedAt };
      stored = await migrations.save(next, stored.etag);
    },
  };
};
