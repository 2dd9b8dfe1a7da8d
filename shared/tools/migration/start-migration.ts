import { z } from "zod";
import type { Caller } from "../../gateway/caller.ts";
import { requireOrganisation } from "../../gateway/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { isoAfter } from "../../kernel/clock.ts";
import { DomainError } from "../../kernel/errors.ts";
import type { NewId } from "../../kernel/ids.ts";
import type { Operation } from "../../operations/operation.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import type { Migration } from "./migration.ts";
import type { MigrationStore } from "./migration-store.ts";
import { SourceLogin } from "./source-login.ts";

export interface MigrationOperations {
  forOwner(owner: string): {
    begin(operation: Operation): Promise<void>;
    find(id: string): Promise<Operation | undefined>;
    update(id: string, change: (operation: Operation) => Operation | undefined): Promise<Operation | undefined>;
  };
  running(limit: number): Promise<readonly Operation[]>;
}

export interface MigrationDeps {
  readonly migrations: MigrationStore;
  readonly operations: MigrationOperations;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** A worker renews its lease with every slice; longer without one means that it is gone. */
export const leaseMilliseconds = 120_000;
const deadlineMilliseconds = 6 * 60 * 60_000;

export const stepOf = {
  audit: "audit",
  category: "categories",
  tool: "tools",
  "tool-version": "versions",
  "tool-evaluation": "evaluations",
  verify: "verify",
} as const;

/** Name of the secret that holds a migration's login, as long as it is under way. */
export const loginSecretName = (migrationId: string): string => `catalog-source-${migrationId}`;

const isLoopback = ({ hostname }: URL): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(hostname);

const sourceUrlMax = 300;
/** Base URL of a source. Logins are neither written into it nor sent without encryption. */
const SourceUrl = z
  .url({ protocol: /^https?$/ })
  .max(sourceUrlMax)
  .transform((text) => new URL(text))
  .refine(({ username, password, search, hash }) => `${username}${password}${search}${hash}` === "", {
    error: "must hold no login, query or fragment",
  })
  .refine((url) => url.protocol === "https:" || isLoopback(url), { error: "must be an https address" })
  .transform((url) => url.href.replace(/\/+$/, ""));

export const StartMigrationCommand = z.strictObject({
  from: SourceUrl,
  /** Keeps the ids of two sources apart; the same in every run of one source. */
  source: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("pocketbase"),
  dryRun: z.boolean().default(false),
  login: SourceLogin,
});
export type StartMigrationCommand = z.infer<typeof StartMigrationCommand>;

export type StartMigration = (
  caller: Caller,
  command: StartMigrationCommand,
  startWorkflow: (migrationId: string) => Promise<void>,
) => Promise<Migration>;

const operationOf = (id: string, owner: string, now: Date): Operation => ({
  id,
  owner,
  kind: "migrate-catalog",
  subject: { id },
  status: "running",
  steps: Object.values(stepOf).map((name) => ({ name, state: "pending", at: null })),
  error: null,
  leaseUntil: isoAfter(now, leaseMilliseconds),
  deadlineAt: isoAfter(now, deadlineMilliseconds),
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
});

/** Accepts a migration; the login is kept as a secret until it is over. @throws DomainError `conflict` while one is under way */
export const makeStartMigration =
  ({ migrations, operations, secrets, clock, newId }: MigrationDeps): StartMigration =>
  async (caller, { from, source, dryRun: isDryRun, login }, startWorkflow) => {
    const owner = requireOrganisation(caller);
    for (const { id, source: other } of await migrations.recent(20)) {
      const isUnderWay = (await operations.forOwner(owner).find(id))?.status === "running";
      if (isUnderWay && other === source) {
        throw new DomainError("conflict", `The migration ${id} of this source is under way.`, {
          facts: { migration: id },
        });
      }
    }
    const now = clock();
    const id = newId();
    const at = now.toISOString();
    await operations.forOwner(owner).begin(operationOf(id, owner, now));
    await secrets.createIfAbsent(loginSecretName(id), JSON.stringify(login));
    const migration: Migration = {
      ...{ id, kind: "migration", key: `${at}~${id}`, owner, from, source, isDryRun, phase: "audit", after: "" },
      ...{ plan: null, counts: {}, verified: {}, findings: 0, createdAt: at, updatedAt: at },
    };
    await migrations.create(migration);
    await startWorkflow(id);
    return migration;
  };
