import { DocumentChanged } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { StackAddress } from "../stack/stack.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { FlagLease } from "./flag-lease.ts";
import { takeFlagLease } from "./flag-lease.ts";
import type { FlagSet, FlagStore } from "./flag-store.ts";
import type { FlagTargets, InstanceFlags, OpenInstanceFlags } from "./ports.ts";
import { digestOf, tenantEvaluator } from "./tenant-flags.ts";

export interface ApplyFlagsDeps {
  readonly flags: FlagStore;
  readonly targets: FlagTargets;
  readonly openInstanceFlags: OpenInstanceFlags;
  readonly clock: Clock;
}

/** `gone`: there is no such instance in service; `busy`: another worker writes to it, ask again. */
export type ApplyOutcome = "applied" | "failed" | "gone" | "busy";

/** Brings one instance to the newest revision. What fails is kept with the instance's rollout, for people and the timer. */
export type ApplyFlags = (instanceId: string) => Promise<ApplyOutcome>;

/** Revisions that come while one is being written are written as well, up to so many; the timer sees to the rest. */
const roundsMax = 3;
const tenantsAtOnce = 4;

export const isOn =
  (instanceId: string) =>
  ({ placement }: Tenant): boolean =>
    placement?.instanceId === instanceId;

interface Writing {
  readonly set: FlagSet;
  readonly tenants: readonly Tenant[];
  readonly now: Date;
}

const writeTenants = async (instance: InstanceFlags, lease: FlagLease, writing: Writing): Promise<void> => {
  const { set, tenants, now } = writing;
  const evaluate = tenantEvaluator(set, now);
  for (let begin = 0; begin < tenants.length; begin += tenantsAtOnce) {
    const some = tenants.slice(begin, begin + tenantsAtOnce);
    await Promise.all(some.map((tenant) => instance.writeTenant(tenant, evaluate(tenant), set.revision)));
    await lease.renew();
  }
};

interface Applied {
  readonly revision: number;
  readonly digest: string;
}

const applyNewest = async (deps: ApplyFlagsDeps, address: StackAddress, lease: FlagLease): Promise<Applied> => {
  const instance = deps.openInstanceFlags(address);
  for (let round = 1; ; round += 1) {
    const [set, now] = [await deps.flags.readSet(), deps.clock()];
    const tenants = (await deps.targets.tenants()).filter(isOn(address.instanceId));
    const known = await instance.readRevision();
    if (known > set.revision) {
      throw new DomainError("flags-revision-older", `The instance has revision ${known} of the flags already.`, {
        facts: { revision: known },
      });
    }
    await writeTenants(instance, lease, { set, tenants, now });
    await instance.writeRevision(set.revision);
    const isNewest = (await deps.flags.readSet()).revision === set.revision;
    if (isNewest || round >= roundsMax) {
      return { revision: set.revision, digest: digestOf(set, tenants, tenantEvaluator(set, now)) };
    }
  }
};

const causeOf = (error: unknown): string =>
  error instanceof DomainError ? error.message : "The control plane failed; its log says why.";

/** `onFailure` is told the cause for the log. */
export const makeApplyFlags =
  (deps: ApplyFlagsDeps, onFailure: (instanceId: string, error: unknown) => void): ApplyFlags =>
  async (instanceId) => {
    const address = (await deps.targets.instances()).find((one) => one.instanceId === instanceId);
    if (address === undefined) return "gone";
    const lease = await takeFlagLease(deps, instanceId);
    if (lease === undefined) return "busy";
    try {
      const applied = await applyNewest(deps, address, lease);
      await lease.end({ ...applied, status: "applied", cause: null, failures: 0 });
      return "applied";
    } catch (error) {
      // The lease ran out and is another's, who writes the newest revision now.
      if (error instanceof DocumentChanged) return "busy";
      onFailure(instanceId, error);
      const { revision, failures } = lease.before;
      await lease.end({ revision, digest: "", status: "failed", cause: causeOf(error), failures: failures + 1 });
      return "failed";
    }
  };

/**
 * Brings one tenant up to date where it lives: when it has got its space, and when its plan has changed.
 * @throws DomainError `stack-unavailable`; the next look for stale instances finds the tenant as well
 */
export type RefreshTenantFlags = (
  address: StackAddress,
  tenant: Pick<Tenant, "tenantId" | "namespace"> & { readonly plan: string },
) => Promise<void>;

export const makeRefreshTenantFlags =
  ({ flags, openInstanceFlags, clock }: Omit<ApplyFlagsDeps, "targets">): RefreshTenantFlags =>
  async (address, tenant) => {
    for (let round = 1; round <= roundsMax; round += 1) {
      const set = await flags.readSet();
      if (set.revision === 0) return;
      await openInstanceFlags(address).writeTenant(tenant, tenantEvaluator(set, clock())(tenant), set.revision);
      if ((await flags.readSet()).revision === set.revision) return;
    }
  };
