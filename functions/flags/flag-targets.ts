import type { FlagTargets } from "../../shared/flags/ports.ts";
import type { InstanceStore } from "../../shared/instances/instance-store.ts";
import type { TenantStore } from "../../shared/tenants/tenant-store.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";

interface Deps {
  readonly instances: Pick<InstanceStore, "list">;
  readonly tenants: Pick<TenantStore, "inOrder">;
}

const pageSize = 500;

const allOf = async (tenants: Deps["tenants"], status: "active" | "suspended"): Promise<readonly Tenant[]> => {
  const found: Tenant[] = [];
  for (;;) {
    const page = await tenants.inOrder(status, pageSize, found.at(-1)?.sortKey);
    found.push(...page);
    if (page.length < pageSize) return found;
  }
};

/** Whom flags are for, by the documents of instances and tenants. A tenant that is being set up gets its flags there. */
export const flagTargets = ({ instances, tenants }: Deps): FlagTargets => ({
  instances: async () => {
    const found = await Promise.all([instances.list({ status: "active" }), instances.list({ status: "draining" })]);
    return found
      .flat()
      .flatMap(({ id: instanceId, internalEndpoint }) =>
        internalEndpoint === null ? [] : [{ instanceId, internalEndpoint }],
      );
  },
  tenants: async () => (await Promise.all([allOf(tenants, "active"), allOf(tenants, "suspended")])).flat(),
});
