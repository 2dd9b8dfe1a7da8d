import { createHash } from "node:crypto";
import type { Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { UniqueNames } from "../documents/unique-names.ts";
import type { Caller } from "../gateway/caller.ts";
import { requireOrganisation } from "../gateway/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { AdvanceTenant } from "./advance-tenant.ts";
import type { RequestScaleOut, TenantOperations } from "./ports.ts";
import { slugName } from "./slug-name.ts";
import { newTenantOperation } from "./tenant-operation.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { Tenant } from "./tenant.ts";
import { tenantIdOf } from "./tenant.ts";

export interface ProvisionTenantDeps {
  readonly tenants: TenantStore;
  readonly operations: TenantOperations;
  readonly names: UniqueNames;
  readonly advance: AdvanceTenant;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Resolves after the longest time an HTTP caller is kept waiting for an answer. */
  readonly patience: () => Promise<void>;
}

export interface ProvisionTenantCommand {
  readonly caller: Caller;
  readonly name: string;
  /** Checked against the slug rules by the edge. */
  readonly slug: string;
  readonly namespace: string;
  readonly idempotencyKey?: string;
  readonly requestScaleOut: RequestScaleOut;
}

export type ProvisionTenant = (command: ProvisionTenantCommand) => Promise<Tenant>;

const slugReservationMilliseconds = 10 * 60_000;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const newTenant = (command: ProvisionTenantCommand, orgId: string, deps: ProvisionTenantDeps): Tenant => {
  const createdAt = deps.clock().toISOString();
  const tenantId = tenantIdOf(orgId);
  const { idempotencyKey: key } = command;
  return {
    id: "tenant",
    type: "tenant",
    tenantId,
    orgId,
    slug: command.slug,
    namespace: command.namespace,
    name: command.name,
    plan: "free",
    status: "provisioning",
    suspendedBy: [],
    placement: null,
    operationId: deps.newId(),
    idempotency:
      key === undefined ? null : { key: digest(key), request: digest(JSON.stringify([command.slug, command.name])) },
    createdBy: command.caller.sub,
    createdAt,
    sortKey: `${createdAt}/${tenantId}`,
  };
};

/** A repeated request is answered with what the first one made; anything else is a second tenant, which is refused. */
const answerRepeat = (existing: Tenant, wanted: Tenant): Tenant => {
  const [before, now] = [existing.idempotency, wanted.idempotency];
  if (before !== null && before.key === now?.key) {
    if (before.request === now.request) return existing;
    throw new DomainError("idempotency-key-reused", "This Idempotency-Key was used for a different request.");
  }
  throw new DomainError(
    "organisation-has-tenant",
    `Your organisation already has the tenant "${existing.slug}" (${existing.status}). An organisation has one tenant.`,
    { facts: { slug: existing.slug, tenantStatus: existing.status } },
  );
};

const isFree = (tenant: Tenant): boolean => tenant.status === "cancelled" || tenant.status === "failed";

const store = async (tenants: TenantStore, wanted: Tenant, before: Stored<Tenant> | undefined): Promise<Tenant> => {
  const one = tenants.forTenant(wanted.tenantId);
  try {
    return (await (before === undefined ? one.create(wanted) : one.replace(wanted, before.etag))).value;
  } catch (error) {
    if (!(error instanceof DocumentConflict || error instanceof DocumentChanged)) throw error;
    const winner = await one.read();
    if (winner === undefined) throw error;
    return answerRepeat(winner.value, wanted);
  }
};

/**
 * Accepts a tenant for the caller's organisation and provisions it, if that is quick enough to wait for. The returned
 * tenant's status says how far it came; the reconciler carries on from there, also after a crash.
 * @throws DomainError `organisation-missing`, `organisation-has-tenant`, `slug-taken`, `idempotency-key-reused`
 */
export const makeProvisionTenant =
  (deps: ProvisionTenantDeps): ProvisionTenant =>
  async (command) => {
    const orgId = requireOrganisation(command.caller);
    const wanted = newTenant(command, orgId, deps);
    const one = deps.tenants.forTenant(wanted.tenantId);
    const before = await one.read();
    if (before !== undefined && !isFree(before.value)) return answerRepeat(before.value, wanted);

    const until = isoAfter(deps.clock(), slugReservationMilliseconds);
    if (!(await deps.names.reserve(slugName(wanted.slug), wanted.tenantId, until))) {
      throw new DomainError("slug-taken", `The slug "${wanted.slug}" is taken. Choose another one.`);
    }
    const tenant = await store(deps.tenants, wanted, before).catch(async (error: unknown) => {
      const winner = await one.read();
      if (winner?.value.slug !== wanted.slug) await deps.names.release(slugName(wanted.slug), wanted.tenantId);
      throw error;
    });
    if (tenant.operationId !== wanted.operationId) return tenant;

    const operation = newTenantOperation({ id: tenant.operationId, orgId, tenantId: tenant.tenantId }, deps.clock());
    await deps.operations.forOwner(orgId).begin(operation);
    await Promise.race([deps.advance(operation, command.requestScaleOut), deps.patience()]);
    return (await one.read())?.value ?? tenant;
  };
