import { z } from "zod";
import type { ContainerDefinition, DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentConflict } from "../documents/document-store.ts";
import { Entitlement, noEntitlement } from "./entitlement.ts";
import { Subscription } from "./subscription.ts";

/** What we know of a tenant's bill; one document per tenant. Instants are ISO 8601 in UTC. */
export const Billing = z.object({
  id: z.literal("billing"),
  tenantId: z.string(),
  /** The vendor's id; null until something is to be bought. */
  customerId: z.string().nullable(),
  /** Counts customers made for this tenant, so that one deleted at the vendor can be replaced. */
  customerCount: z.int().nonnegative(),
  /** The vendor's subscriptions as last read, in the order of their ids. */
  subscriptions: z.array(Subscription),
  entitlement: Entitlement,
  /** Version of the price list by which the plan was decided. */
  pricesVersion: z.int(),
  /** The vendor's present when the subscriptions were read. */
  asOf: z.string(),
  /** When to look again; `never` sorts behind every instant. */
  checkAt: z.string(),
});
export type Billing = z.infer<typeof Billing>;

export const never = "never";

const billingContainer: ContainerDefinition = {
  name: "billing",
  partitionKey: "tenantId",
  indexes: ["customerId", "checkAt"],
};

const newBilling = (tenantId: string): Billing => ({
  ...{ id: "billing", tenantId, customerId: null, customerCount: 0, subscriptions: [] },
  ...{ entitlement: noEntitlement, pricesVersion: 0, asOf: "", checkAt: never },
});

export interface BillingOfTenant {
  /** What others ask: the entitlement as it stands, `none` for a tenant that never bought anything. */
  read(): Promise<Entitlement>;
  /** The document, made when there is none yet. */
  open(): Promise<Stored<Billing>>;
  find(): Promise<Billing | undefined>;
  /** @throws DocumentChanged when it is no longer as it was read */
  replace(billing: Billing, etag: string): Promise<Stored<Billing>>;
}

export interface BillingStore {
  forTenant(tenantId: string): BillingOfTenant;
  findByCustomer(customerId: string): Promise<Billing | undefined>;
  /** Those to look at again before this instant, the longest due first. */
  due(beforeIso: string, limit: number): Promise<readonly Billing[]>;
}

export const openBillingStore = (store: DocumentStore): BillingStore => {
  const container = store.container(billingContainer, (raw) => Billing.parse(raw));
  const find = (tenantId: string) => container.read(tenantId, "billing");
  const open = async (tenantId: string): Promise<Stored<Billing>> => {
    const found = await find(tenantId);
    if (found !== undefined) return found;
    try {
      return await container.create(newBilling(tenantId));
    } catch (error) {
      if (!(error instanceof DocumentConflict)) throw error;
      return open(tenantId);
    }
  };
  return {
    forTenant: (tenantId) => ({
      read: async () => (await find(tenantId))?.value.entitlement ?? noEntitlement,
      open: () => open(tenantId),
      find: async () => (await find(tenantId))?.value,
      replace: (billing, etag) => container.replace({ ...billing, tenantId }, etag),
    }),
    async findByCustomer(customerId) {
      const [found] = await container.query({ equal: { customerId }, limit: 1 });
      return found?.value;
    },
    async due(beforeIso, limit) {
      const orderBy = { member: "checkAt", direction: "ascending" as const };
      const found = await container.query({ range: { checkAt: { lessThan: beforeIso } }, orderBy, limit });
      return found.map(({ value }) => value);
    },
  };
};
