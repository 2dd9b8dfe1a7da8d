import { flag, listOf, nullable, number, oneOf, shape, text } from "../../page/shape.ts";
import { fetchJson } from "./fetch-json.ts";

const readTenant = shape({
  slug: text,
  name: text,
  plan: text,
  limits: shape({
    maxUsers: number,
    maxNodes: number,
    maxServices: number,
    storageMegabytesMax: number,
  }),
  status: oneOf("waiting", "provisioning", "active", "suspended", "failed", "cancelled"),
  instance: nullable(shape({ id: text, publicEndpoint: text })),
  operation: text,
});
export type Tenant = ReturnType<typeof readTenant>;

const readOperation = shape({
  status: oneOf("running", "waiting", "succeeded", "failed", "cancelled"),
  steps: listOf(shape({ name: text, state: oneOf("pending", "running", "done", "failed") })),
  progress: shape({ done: number, total: number }),
  error: nullable(shape({ code: text, detail: text })),
  allowedActions: listOf(text),
});
export type Operation = ReturnType<typeof readOperation>;

const readLaunch = shape({ redirectUrl: text, token: text });
export type Launch = ReturnType<typeof readLaunch>;

const readInstances = shape({
  instances: listOf(
    shape({
      id: text,
      region: text,
      deploymentMode: text,
      status: text,
      currentTenants: number,
      maxTenants: number,
      version: nullable(text),
    }),
  ),
});
export type Instance = ReturnType<typeof readInstances>["instances"][number];

const readBilling = shape({
  status: oneOf("none", "trialing", "active", "past-due", "grace", "cancelled"),
  plan: text,
  next: text,
  isAvailable: flag,
  mayChange: flag,
  hasCustomer: flag,
});
export type Billing = ReturnType<typeof readBilling>;
const readPage = shape({ url: text });

export interface NewTenant {
  readonly name: string;
  readonly slug: string;
}

/** The platform's API as one person sees it. Everything throws `ApiError`. */
export interface PlatformApi {
  readonly tenant: () => Promise<Tenant>;
  /** The key makes a repeated request find what the first one began. */
  readonly createTenant: (tenant: NewTenant, idempotencyKey: string) => Promise<Tenant>;
  readonly operation: (path: string) => Promise<Operation>;
  readonly actOnOperation: (path: string, action: "cancel" | "retry") => Promise<void>;
  readonly launch: () => Promise<Launch>;
  readonly billing: () => Promise<Billing>;
  /** The vendor's page where the plan is bought; the same key gives the same page. */
  readonly openCheckout: (plan: string, idempotencyKey: string) => Promise<string>;
  readonly openPortal: () => Promise<string>;
  readonly instances: () => Promise<readonly Instance[]>;
}

export const platformApi = (accessToken: string): PlatformApi => {
  const call = (path: string, init: RequestInit = {}, headers: Readonly<Record<string, string>> = {}) =>
    fetchJson(path, {
      ...init,
      headers: { accept: "application/json", authorization: `Bearer ${accessToken}`, ...headers },
    });
  return {
    tenant: async () => readTenant(await call("/api/tenant")),
    createTenant: async (tenant, idempotencyKey) => {
      const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
      return readTenant(await call("/api/tenant", { method: "POST", body: JSON.stringify(tenant) }, headers));
    },
    operation: async (path) => readOperation(await call(path)),
    actOnOperation: async (path, action) => {
      await call(`${path}/${action}`, { method: "POST" });
    },
    launch: async () => readLaunch(await call("/api/tenant/launch", { method: "POST" })),
    billing: async () => readBilling(await call("/api/billing")),
    openCheckout: async (plan, idempotencyKey) => {
      const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
      return readPage(await call("/api/billing/checkout", { method: "POST", body: JSON.stringify({ plan }) }, headers))
        .url;
    },
    openPortal: async () => readPage(await call("/api/billing/portal", { method: "POST" })).url,
    instances: async () => readInstances(await call("/api/admin/instances")).instances,
  };
};
