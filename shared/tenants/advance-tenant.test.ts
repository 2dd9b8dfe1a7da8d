import { expect, test } from "vitest";
import { testContention } from "../../tests/support/builders.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { openOperationLog } from "../operations/operation-log.ts";
import { makeAdvanceTenant } from "./advance-tenant.ts";
import { newTenantOperation } from "./tenant-operation.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("the lease begins anew when the tenant has its slot, however long that took", async () => {
  let now = Date.UTC(2026, 0, 1);
  const clock = () => new Date(now);
  const operations = openOperationLog(sqliteDocumentStore(":memory:"), clock, testContention);
  const operation = newTenantOperation({ id: "operation-1", orgId: "org-1", tenantId: "tenant-1" }, clock());
  const owned = operations.forOwner("org-1");
  await owned.begin(operation);
  const seen: unknown[] = [];
  const advance = makeAdvanceTenant({
    operations,
    abandon: () => Promise.resolve(false),
    clock,
    log: silent,
    pool: "westeurope.shared",
    headroom: 5,
    place: async (_tenantId, onClaimed) => {
      now += 20_000;
      await onClaimed();
      now += 20_000;
      seen.push(...(await operations.running(1)));
      return { kind: "active", tenant: undefined };
    },
  });
  let turnsOver = 0;
  expect(
    await advance(
      operation,
      () => Promise.resolve(),
      () => (turnsOver += 1),
    ),
  ).toBe("succeeded");
  expect(seen, "after 40 s nobody else may take the work up").toEqual([]);
  expect(turnsOver).toBe(1);
});
