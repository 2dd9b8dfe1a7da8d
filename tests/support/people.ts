import { HttpRequest, InvocationContext } from "@azure/functions";
import { buildEventServices } from "../../functions/events/event-services.ts";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import { complementTokenHttp } from "../../functions/users/complement-token.http.ts";
import { buildDirectoryServices } from "../../functions/users/directory-services.ts";
import { zitadelWebhookHttp } from "../../functions/users/zitadel-webhook.http.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { PlatformAlert } from "../../shared/events/raise-alert.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Stack, StackPerson } from "../../shared/stack/stack.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { Tenant as TenantSchema, tenantIdOf } from "../../shared/tenants/tenant.ts";
import { openTenantStore } from "../../shared/tenants/tenant-store.ts";
import { makeChangeAccess } from "../../shared/tenants/change-access.ts";
import type { DirectoryEvent } from "../../shared/users/directory.ts";
import { complementKeysSecret, webhookKeysSecret } from "../../shared/users/signing-keys.ts";
import { openUserStore } from "../../shared/users/user-store.ts";
import { signZitadelCall } from "../../shared/users/zitadel-signature.ts";
import { aPool, testContention } from "./builders.ts";
import type { DirectoryModel } from "./directory-model.ts";

export const webhookKey = "a-signing-key-of-the-webhook-target";
const complementKey = "a-signing-key-of-the-complement-target";

/** The body of a call about an entry of the log, as Zitadel writes it. */
export const callBodyOf = (event: DirectoryEvent, payload: unknown = event.payload): string =>
  JSON.stringify({
    aggregateID: event.aggregateId,
    aggregateType: event.aggregateType,
    resourceOwner: event.resourceOwner,
    instanceID: "300000000000000000",
    version: "v2",
    sequence: event.sequence,
    event_type: event.type,
    created_at: event.createdAt,
    userID: "somebody-else",
    ...(payload === undefined ? {} : { event_payload: payload }),
  });

export interface SentCall {
  readonly body: string | Uint8Array;
  /** `undefined`: signed well. `null`: no header. */
  readonly signature?: string | null;
  readonly key?: string;
  readonly contentLength?: number;
}

const placed = { instanceId: "stack-1", pool: aPool, claimId: "claim", state: "active" } as const;

export const aTenantOf = (orgId: string, change: Partial<Tenant> = {}): Tenant =>
  TenantSchema.parse({
    ...{ id: "tenant", type: "tenant", tenantId: tenantIdOf(orgId), orgId, slug: orgId, namespace: orgId, name: orgId },
    ...{
      plan: "pro",
      status: "active",
      placement: placed,
      operationId: "op",
      idempotency: null,
      createdBy: "somebody",
    },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", sortKey: orgId },
    ...change,
  });

/** The people's room on a real document store and the real events' foundation; Zitadel and the Stacks are made up. */
export const aPeopleRoom = (model: DirectoryModel) => {
  const documents = sqliteDocumentStore(":memory:");
  let now = Date.UTC(2026, 0, 2);
  const clock = () => new Date(now);
  const secrets = new Map([
    [webhookKeysSecret, webhookKey],
    [complementKeysSecret, complementKey],
  ]);
  const logged: string[] = [];
  const write = (message: string, facts: unknown) => void logged.push(JSON.stringify([message, facts]));
  const log: Logger = { info: write, warn: write, error: write };
  const alerts: PlatformAlert[] = [];
  const stackCalls: string[] = [];
  let isStackDown = false;
  const told = (what: string, { sub }: Pick<StackPerson, "sub">): Promise<void> => {
    if (isStackDown) return Promise.reject(new DomainError("stack-unavailable", "The Stack is down."));
    stackCalls.push(`${what} ${sub}`);
    return Promise.resolve();
  };
  const stack: Stack = {
    isReady: () => Promise.resolve(true),
    prepare: () => Promise.resolve(),
    createTenantSpace: () => Promise.resolve(),
    openSession: () => Promise.resolve({ kind: "tenant-unknown" }),
    endSessions: (person) => told("end", person),
    changeRole: (person, isAdmin) => told(isAdmin ? "admin" : "member", person),
    changeLimits: () => Promise.resolve(true),
    suspendTenant: (_id, namespace) => told("suspend", { sub: namespace }),
    resumeTenant: (_id, namespace) => told("resume", { sub: namespace }),
  };
  const stacks = { at: () => stack };
  const tenants = openTenantStore(documents);
  const users = openUserStore(documents, clock, testContention);
  const endpoints = () => Promise.resolve({ internalEndpoint: "http://stack-1", publicEndpoint: "http://stack-1" });
  const instances = { endpoints } as unknown as Parameters<typeof makeChangeAccess>[0]["instances"];
  const changeAccess = makeChangeAccess({ tenants, instances, stacks, contention: testContention });
  const shared = { documents, clock, log, contention: testContention, stacks };
  const services = buildDirectoryServices({
    ...shared,
    directory: model.directory,
    secrets: {
      read: (name) => Promise.resolve(secrets.get(name)),
      createIfAbsent: (_name, value) => Promise.resolve(value),
      remove: () => Promise.resolve(),
    },
    users,
    findTenant: async (tenantId) => (await tenants.forTenant(tenantId).read())?.value,
    endpoints,
    changeAccess,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds).unref()),
  });
  const queue: string[] = [];
  const raiseAlert = (alert: PlatformAlert) => Promise.resolve(void alerts.push(alert));
  const events = buildEventServices({
    ...shared,
    queue: { send: (id) => Promise.resolve(void queue.push(id)) },
    raiseAlert,
    handlers: { zitadel: services.handleZitadelEvent },
  });
  const receiving = services.receivingWith(events.acceptEvent, raiseAlert);
  const webhook = zitadelWebhookHttp(receiving);
  const complement = complementTokenHttp(services);

  const post = async (entry: typeof webhook, ownKey: string, call: SentCall) => {
    const { body, signature, key = ownKey, contentLength } = call;
    const bytes = Buffer.from(body);
    const header = signature === undefined ? signZitadelCall(key, Math.floor(now / 1000), bytes) : signature;
    const request = new HttpRequest({
      method: "POST",
      url: `http://gateway/${entry.route}`,
      headers: {
        ...(header === null ? {} : { "ZITADEL-Signature": header }),
        ...(contentLength === undefined ? {} : { "content-length": String(contentLength) }),
      },
      body: { bytes },
    });
    const answer = await withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
    const parsed: unknown = JSON.parse(typeof answer.body === "string" ? answer.body : "null");
    return { status: answer.status, body: parsed as Readonly<Record<string, unknown>> };
  };
  return {
    /** Posts to the webhook as the identity provider does, through the entry and its error boundary. */
    call: (sent: SentCall) => post(webhook, webhookKey, sent),
    askForClaims: (sent: SentCall) => post(complement, complementKey, sent),
    /** Works off the queue with so many workers at once; messages whose handler fails come again, five times in all. */
    async work(workers = 1): Promise<void> {
      const tries = new Map<string, number>();
      const worker = async (): Promise<void> => {
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
          const attempt = (tries.get(id) ?? 0) + 1;
          tries.set(id, attempt);
          try {
            await events.processEvent(id);
          } catch {
            if (attempt < 5) queue.push(id);
            else await events.failEvent(id);
          }
        }
      };
      await Promise.all(Array.from({ length: workers }, worker));
    },
    reconcile: () => receiving.reconcileDirectory(),
    queued: () => queue.length,
    find: (sub: string) => users.find(sub),
    users,
    progress: () => services.directoryEntries.progress.read(),
    addTenant: (orgId: string, change: Partial<Tenant> = {}) =>
      tenants.forTenant(tenantIdOf(orgId)).create(aTenantOf(orgId, change)),
    tenant: async (orgId: string) => (await tenants.forTenant(tenantIdOf(orgId)).read())?.value,
    changeAccess: (orgId: string, to: "suspended" | "active") => changeAccess(tenantIdOf(orgId), to),
    setSecret: (name: string, value: string) => secrets.set(name, value),
    setStackDown: (isDown: boolean) => (isStackDown = isDown),
    advance: (milliseconds: number) => (now += milliseconds),
    nowSeconds: () => Math.floor(now / 1000),
    clock,
    stackCalls,
    alerts,
    logged,
    documents,
  };
};
