import type { RefreshTenantFlags } from "../../shared/flags/apply-flags.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";

interface Deps {
  readonly stacks: Stacks;
  readonly refresh: RefreshTenantFlags;
  readonly readTenant: (tenantId: string) => Promise<Pick<Tenant, "namespace"> | undefined>;
  readonly log: Logger;
}

/**
 * Stacks whose tenants have their flags as soon as they have a space or another plan. Nobody's space or plan waits for
 * flags: what fails is in the log, and the timer brings it.
 */
export const flaggedStacks = ({ stacks, refresh, readTenant, log }: Deps): Stacks => ({
  at: (address) => {
    const stack = stacks.at(address);
    const tryToRefresh = async (tenantId: string, plan: string, namespace: string | undefined): Promise<void> => {
      if (namespace === undefined) return;
      try {
        await refresh(address, { tenantId, plan, namespace });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn("A tenant's flags come later.", { tenantId, instanceId: address.instanceId, reason });
      }
    };
    return {
      ...stack,
      createTenantSpace: async (space) => {
        await stack.createTenantSpace(space);
        await tryToRefresh(space.tenantId, space.plan, space.namespace);
      },
      changeLimits: async (limits) => {
        const isKnown = await stack.changeLimits(limits);
        const { tenantId, plan } = limits;
        if (isKnown) await tryToRefresh(tenantId, plan, (await readTenant(tenantId))?.namespace);
        return isKnown;
      },
    };
  },
});
