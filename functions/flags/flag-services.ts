import type { InvocationContext } from "@azure/functions";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import { makeApplyFlags, makeRefreshTenantFlags } from "../../shared/flags/apply-flags.ts";
import { makeDescribeRollout } from "../../shared/flags/describe-rollout.ts";
import { makeEditFlags } from "../../shared/flags/edit-flags.ts";
import { openFlagStore } from "../../shared/flags/flag-store.ts";
import type { OpenInstanceFlags } from "../../shared/flags/ports.ts";
import { makeReceiveFlags } from "../../shared/flags/receive-flags.ts";
import { makeFindStaleInstances } from "../../shared/flags/stale-instances.ts";
import type { InstanceStore } from "../../shared/instances/instance-store.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import type { TenantStore } from "../../shared/tenants/tenant-store.ts";
import { workflowsOf } from "../http/workflows.ts";
import { flaggedStacks } from "./flagged-stacks.ts";
import { flagTargets } from "./flag-targets.ts";
import { publicationIdOf, publishFlagsOrchestrator } from "./publish-flags.names.ts";
import type { PublishFlagsWork } from "./publish-flags.orchestrator.ts";

interface FlagParts {
  readonly documents: DocumentStore;
  readonly instances: Pick<InstanceStore, "list">;
  readonly tenants: Pick<TenantStore, "inOrder" | "forTenant">;
  readonly stacks: Stacks;
  readonly openInstanceFlags: OpenInstanceFlags;
  readonly clock: Clock;
  readonly contention: RetryPolicy;
  readonly log: Logger;
}

/** Starts the publication to instances that lack something, through this invocation's durable client. */
export type PublishFlagsOf = (context: InvocationContext) => (isForced: boolean) => Promise<void>;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The use cases of feature flags, wired once. `stacks` are the given ones, which now keep tenants' flags up to date. */
export const buildFlagServices = (parts: FlagParts) => {
  const { log, tenants, stacks } = parts;
  const flags = openFlagStore(parts.documents);
  const deps = { ...parts, flags, targets: flagTargets(parts) };
  const readTenant = async (tenantId: string) => (await tenants.forTenant(tenantId).read())?.value;
  const findStale = makeFindStaleInstances(deps);
  const publishFlagsOf: PublishFlagsOf = (context) => async (isForced) => {
    const { revision, instanceIds } = await findStale(isForced);
    const work: PublishFlagsWork = { instanceIds };
    if (instanceIds.length === 0) return;
    await workflowsOf(context)(publishFlagsOrchestrator, publicationIdOf(revision), work);
  };
  return {
    flags,
    findStale,
    publishFlagsOf,
    /** After a change, which is stored: where the publication cannot begin now, the timer begins it. */
    announceFlagsOf: (context: InvocationContext) => async (): Promise<void> => {
      try {
        await publishFlagsOf(context)(true);
      } catch (error) {
        log.warn("The publication of the flags begins later.", { reason: reasonOf(error) });
      }
    },
    editFlags: makeEditFlags(deps),
    receiveFlags: makeReceiveFlags(deps),
    describeRollout: makeDescribeRollout(deps),
    applyFlags: makeApplyFlags(deps, (instanceId, error) => {
      log.warn("An instance did not take the flags.", { instanceId, reason: reasonOf(error) });
    }),
    planOf: async (tenantId: string) => (await readTenant(tenantId))?.plan,
    stacks: flaggedStacks({ stacks, log, readTenant, refresh: makeRefreshTenantFlags(deps) }),
  };
};
type FlagServices = ReturnType<typeof buildFlagServices>;
export type AnnounceFlagsOf = FlagServices["announceFlagsOf"];
