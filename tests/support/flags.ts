import { buildFlagServices } from "../../functions/flags/flag-services.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { TenantFlag } from "../../shared/flags/ports.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import { openTenantStore } from "../../shared/tenants/tenant-store.ts";
import { anInstance, testContention } from "./builders.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const noStacks: Stacks = {
  at: () => {
    throw new Error("No Stack is asked here.");
  },
};

interface Options {
  readonly documents?: DocumentStore;
  readonly clock?: () => Date;
  readonly stacks?: Stacks;
}

/** The flags as the app wires them, on a store of its own; only the far side of instances is made up, and can be down. */
export const aFlagRoom = (options: Options = {}) => {
  const documents = options.documents ?? sqliteDocumentStore(":memory:");
  const instances = openInstanceStore(documents, testContention);
  const tenants = openTenantStore(documents);
  const rows = new Map<string, Map<string, readonly TenantFlag[]>>();
  const revisions = new Map<string, number>();
  const down = new Set<string>();
  let beforeWrite: (instanceId: string) => Promise<void> = () => Promise.resolve();
  const reach = (instanceId: string): void => {
    if (down.has(instanceId)) throw new DomainError("stack-unavailable", `The Stack instance ${instanceId} is away.`);
  };
  const services = buildFlagServices({
    ...{ documents, instances, tenants, log: silent, contention: testContention },
    stacks: options.stacks ?? noStacks,
    clock: options.clock ?? (() => new Date()),
    openInstanceFlags: ({ instanceId }) => ({
      readRevision: async () => {
        reach(instanceId);
        return Promise.resolve(revisions.get(instanceId) ?? 0);
      },
      writeTenant: async ({ tenantId }, flags) => {
        reach(instanceId);
        await beforeWrite(instanceId);
        const all = rows.get(instanceId) ?? new Map<string, readonly TenantFlag[]>();
        rows.set(instanceId, all.set(tenantId, flags));
      },
      writeRevision: async (revision) => {
        reach(instanceId);
        revisions.set(instanceId, revision);
        return Promise.resolve();
      },
    }),
  });
  const settle = async (instanceId: string, slug: string, plan: Tenant["plan"] = "free"): Promise<string> => {
    const tenantId = tenantIdOf(slug);
    await tenants.forTenant(tenantId).create({
      ...{ id: "tenant", type: "tenant", tenantId, orgId: slug, slug, namespace: slug, name: slug, plan },
      ...{ status: "active", suspendedBy: [], operationId: "o", idempotency: null, createdBy: "t" },
      ...{ createdAt: "2026-01-01T00:00:00.000Z", sortKey: slug },
      placement: { instanceId, pool: "p", claimId: "c", state: "active" },
    });
    return tenantId;
  };
  return {
    ...services,
    documents,
    tenants,
    addInstance: (id: string) => instances.create(anInstance({ id, status: "active", sortKey: id })),
    settle,
    down,
    revisions,
    flagsOf: (instanceId: string, tenantId: string) =>
      Object.fromEntries((rows.get(instanceId)?.get(tenantId) ?? []).map(({ key, value }) => [key, value])),
    onWrite: (act: (instanceId: string) => Promise<void>) => {
      beforeWrite = act;
    },
  };
};
