import type { JWK } from "jose";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { InstancePool } from "../../shared/tenants/ports.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { TakeTurn } from "../../shared/stackkits/change-turns.ts";
import { makeTakeTurn } from "../../shared/stackkits/change-turns.ts";
import type { DownloadCounts } from "../../shared/stackkits/download-counts.ts";
import { openDownloadCounts } from "../../shared/stackkits/download-counts.ts";
import type { KitStack, OpenKitStack } from "../../shared/stackkits/kit-stack.ts";
import type { KitStorage } from "../../shared/stackkits/ports.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import { makePublishedKits } from "../../shared/stackkits/published-kits.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";

interface KitParts {
  readonly kitStorage: KitStorage;
  readonly kitKeys: readonly JWK[];
  readonly openKitStack: OpenKitStack;
  readonly documents: DocumentStore;
  readonly pool: Pick<InstancePool, "endpoints">;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface KitServices {
  readonly publishedKits: PublishedKits;
  readonly kitKeys: readonly JWK[];
  readonly downloadCounts: DownloadCounts;
  readonly takeTurn: TakeTurn;
  readonly kitStackOf: (tenant: Tenant) => Promise<KitStack>;
  readonly clock: Clock;
}

/** The use cases of StackKits, wired once. */
export const buildKitServices = (parts: KitParts): KitServices => {
  const { kitStorage, kitKeys, openKitStack, documents, pool, clock, sleep } = parts;
  return {
    publishedKits: makePublishedKits({ storage: kitStorage, keys: kitKeys, clock }),
    kitKeys,
    clock,
    downloadCounts: openDownloadCounts(documents),
    takeTurn: makeTakeTurn({ documents, clock, sleep }),
    kitStackOf: async (tenant) => {
      const endpoints = tenant.placement === null ? undefined : await pool.endpoints(tenant.placement);
      if (tenant.status !== "active" || tenant.placement === null || endpoints === undefined) {
        throw new DomainError("tenant-not-active", `The tenant is ${tenant.status}.`, {
          facts: { tenantStatus: tenant.status },
        });
      }
      const { instanceId } = tenant.placement;
      return openKitStack({ instanceId, internalEndpoint: endpoints.internalEndpoint }, tenant);
    },
  };
};
