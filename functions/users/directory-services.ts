import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { AcceptEvent } from "../../shared/events/accept-event.ts";
import type { RaiseAlert } from "../../shared/events/raise-alert.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import type { Placement, Tenant } from "../../shared/tenants/tenant.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import { makeComplementToken } from "../../shared/users/complement-token.ts";
import type { Directory } from "../../shared/users/directory.ts";
import { openDirectoryStore } from "../../shared/users/directory-store.ts";
import { makeHandleZitadelEvent } from "../../shared/users/handle-zitadel-event.ts";
import { makeReceiveCall } from "../../shared/users/receive-call.ts";
import { makeReconcileDirectory } from "../../shared/users/reconcile-directory.ts";
import type { FindStack } from "../../shared/users/settle-user.ts";
import { makeSettleUser } from "../../shared/users/settle-user.ts";
import { complementKeysSecret, makeSigningKeys, webhookKeysSecret } from "../../shared/users/signing-keys.ts";
import { makeSettleOrganisation, makeSyncOrganisation } from "../../shared/users/sync-organisation.ts";
import { makeSyncUser } from "../../shared/users/sync-user.ts";
import type { UserStore } from "../../shared/users/user-store.ts";

interface DirectoryParts {
  readonly documents: DocumentStore;
  readonly directory: Directory;
  readonly secrets: SecretStore;
  readonly stacks: Stacks;
  readonly users: UserStore;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly endpoints: (placement: Placement) => Promise<{ readonly internalEndpoint: string } | undefined>;
  readonly changeAccess: (tenantId: string, to: "suspended" | "active", by: "organisation") => Promise<unknown>;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly contention: RetryPolicy;
  readonly log: Logger;
}

/** The Stack on which the organisation's tenant has its collections. */
const stackFinder =
  ({ findTenant, endpoints, stacks }: DirectoryParts): FindStack =>
  async (orgId) => {
    const tenant = await findTenant(tenantIdOf(orgId));
    if (tenant?.placement?.state !== "active") return undefined;
    const found = await endpoints(tenant.placement);
    if (found === undefined) {
      throw new DomainError("stack-unavailable", "The tenant's Stack has no endpoint at the moment.");
    }
    const { instanceId } = tenant.placement;
    const stack = stacks.at({ instanceId, internalEndpoint: found.internalEndpoint });
    return { stack, tenantId: tenant.tenantId, namespace: tenant.namespace };
  };

/** How people and organisations follow the identity provider, wired once; what accepts events is wired afterwards. */
export const buildDirectoryServices = (parts: DirectoryParts) => {
  const { documents, contention, secrets, clock } = parts;
  const entries = openDirectoryStore(documents, contention);
  const settleUser = makeSettleUser({ ...parts, findStack: stackFinder(parts) });
  const syncUser = makeSyncUser({ ...parts, settleUser });
  const settleOrganisation = makeSettleOrganisation({ ...parts, entries, syncUser });
  const syncOrganisation = makeSyncOrganisation({ ...parts, entries, settleOrganisation });
  const deps = { ...parts, entries, settleUser, settleOrganisation };
  return {
    directoryEntries: entries,
    handleZitadelEvent: makeHandleZitadelEvent({ ...parts, entries, syncUser, syncOrganisation }),
    complementToken: makeComplementToken({
      ...parts,
      complementKeys: makeSigningKeys(secrets, complementKeysSecret, clock),
    }),
    receivingWith: (acceptEvent: AcceptEvent, raiseAlert: RaiseAlert) => ({
      receiveCall: makeReceiveCall({
        acceptEvent,
        clock,
        webhookKeys: makeSigningKeys(secrets, webhookKeysSecret, clock),
      }),
      reconcileDirectory: makeReconcileDirectory({ ...deps, acceptEvent, raiseAlert }),
    }),
  };
};
